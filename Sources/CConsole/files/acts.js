// Decisions about who is who, each with a reason, and shown before it is done.
import {h, fill, data, tree, say, open} from "/console/dom.js";
import {t, named, moment, author} from "/console/words.js";
import {get, post, customerPath, Problem} from "/console/api.js";
import {searchBox} from "/console/search.js";
import {nameOf, errorBox} from "/console/customer.js";

// Shows the address anew, also where it is the one that is shown.
export function go(id) {
  const hash = `#/customers/${encodeURIComponent(id)}`;
  if (location.hash === hash) window.dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = hash;
}

// Whether two say something, and not the same.
const differ = (values) => new Set(values.filter((value) => value !== undefined).map((value) => JSON.stringify(value))).size > 1;

// Customers side by side, before and after.
export function compare(before, after) {
  const all = [...before, ...after];
  const head = (customer, index) => h("th", {scope: "col", class: index >= before.length ? "after" : null},
    h("span.quiet", t(index < before.length ? after.length ? "compare.before" : "compare.now" : "compare.after")),
    h("div", data(nameOf(customer))), h("div.id", customer.id));
  const line = (label, values, show) => h("tr", {class: differ(values.slice(0, before.length)) ? "differs" : null},
    h("th", {scope: "row"}, label), values.map((value, index) => h("td", {class: index >= before.length ? "after" : null},
      value === undefined ? h("span.quiet", "—") : show(value))));
  const standing = (one) => one && t(one.shared ? "shared" : one.verified ? "proved"
    : one.type === "anonymous_id" ? "has" : "claimed");
  const key = (one) => JSON.stringify([one.type, one.value]);
  const names = new Map(all.flatMap((customer) => customer.identifiers.map((one) => [key(one), one])));
  const traits = [...new Set(all.flatMap((customer) => Object.keys(customer.traits)))].sort();
  const purposes = [...new Set(all.flatMap((customer) => customer.consents.map((one) => JSON.stringify([one.purpose, one.channel]))))];
  const group = (title) => h("tr.group", h("th", {colspan: String(all.length + 1), scope: "colgroup"}, title));
  return h("div.scroll", {tabindex: "0", role: "region", "aria-label": t("compare.title")}, h("table.compare",
    h("thead", h("tr", h("td"), all.map(head))),
    h("tbody",
      line(t("quality.title"), all.map((customer) => customer.quality.score), String),
      group(t("identifiers.title")),
      [...names].map(([name, one]) => line([named("identifier", one.type), " ", data(one.value)],
        all.map((customer) => standing(customer.identifiers.find((other) => key(other) === name))), String)),
      traits.length > 0 && group(t("traits.title")),
      traits.map((name) => line(h("bdi", named("trait", name.slice(0, 120))),
        all.map((customer) => customer.traits[name]?.value), (value) => tree(value, t("all")))),
      purposes.length > 0 && group(t("consents.title")),
      purposes.map((name) => {
        const [purpose, channel] = JSON.parse(name);
        return line(`${named("purpose", purpose)} · ${channel ? named("channel", channel) : t("consents.everywhere")}`,
          all.map((customer) => customer.consents.find((one) => one.purpose === purpose && one.channel === channel)?.state),
          (state) => named("consent", state));
      }))));
}

// A form of a dialog: what is asked, a reason, a preview, and only then the deed.
// `ask` gives method, path and body of the request; `done` gets its answer.
function act({title, ask, fields, label, done, preview = true, isDanger = false}) {
  const reason = h("textarea", {name: "reason", rows: "2", maxlength: "1000", required: true});
  const result = h("div.preview");
  const look = h("button", {type: "submit"}, t("act.preview"));
  const perform = h("button", {type: "button", class: isDanger ? "danger" : "primary", disabled: preview}, label);
  let seen = null;
  const forget = () => {
    seen = null;
    perform.disabled = preview;
  };
  const send = async (dryRun) => {
    const request = ask();
    if (!request) return;
    if (!form.reportValidity()) return;
    look.disabled = perform.disabled = true;
    try {
      const answer = await post(request.path, {...request.body, reason: reason.value.trim(), ...(dryRun ? {dryRun} : {})});
      if (!dryRun) {
        dialog.close();
        return done(answer);
      }
      fill(result, h("h3", {tabindex: "-1"}, t("act.would")), compare(answer.diff.before, answer.diff.after));
      seen = JSON.stringify(request);
      result.querySelector("h3").focus();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      fill(result, errorBox(error));
    } finally {
      look.disabled = false;
      perform.disabled = preview && seen === null;
    }
  };
  const form = h("form", {onsubmit: (event) => {
    event.preventDefault();
    if (preview) send(true);
  }, onchange: () => {
    // What was previewed is what is done, and nothing else.
    if (seen === null) return;
    const request = ask();
    if (JSON.stringify(request) !== seen) {
      forget();
      result.replaceChildren();
    }
  }}, fields, h("label", t("act.reason"), reason), result,
  h("div.row.end", preview && look, perform));
  perform.addEventListener("click", () => send(false));
  const dialog = open(title, t("close"), form);
  return {dialog, form, reason, forget: () => {
    forget();
    result.replaceChildren();
  }};
}

export function openMerge(customer) {
  let other = null;
  const chosen = h("p.chosen", {role: "status"});
  const box = searchBox(t("merge.with"), (found) => {
    other = found.id;
    fill(chosen, found.name ? [data(found.name), " "] : null, h("span.id", found.id));
    form.forget();
    form.reason.focus();
  });
  const form = act({
    title: t("merge.title"), label: t("merge.do"),
    fields: [h("p", data(nameOf(customer)), " ", h("span.id", customer.id)),
      h("div.field", h("span", {"aria-hidden": "true"}, t("merge.with")), box, chosen)],
    ask: () => {
      if (!other) {
        fill(chosen, h("span.error", t("merge.choose")));
        box.querySelector("input").focus();
        return null;
      }
      return {path: `${customerPath(customer.id)}/merges`, body: {with: other}};
    },
    done: (answer) => {
      say(t("merge.done"));
      go(answer.into);
    },
  });
  box.querySelector("input").focus();
}

export function openUndo(merge, customer) {
  const sides = [[merge.into, t("undo.into")], [merge.from, t("undo.from")], ["shared", t("undo.shared")]];
  const choices = customer.identifiers.filter((one) => one.verified || one.type === "anonymous_id").map((one) => {
    const select = h("select", {name: `${one.type}:${one.value}`},
      h("option", {value: ""}, t("undo.stays")), sides.map(([value, label]) => h("option", {value}, label)));
    return {select, row: h("label.choice", h("span", named("identifier", one.type), " ", data(one.value)), select)};
  });
  const form = act({
    title: t("undo.title"), label: t("undo.do"), isDanger: true,
    fields: [h("p.quiet", t("undo.hint")),
      h("p.quiet", named("rule", merge.rule), " · ", h("bdi", author(merge.actor)), " · ", moment(merge.at)),
      h("dl.tree", [[t("undo.into"), merge.into], [t("undo.from"), merge.from]].map(([label, id]) =>
        h("div", h("dt", label), h("dd.id", id)))),
      h("details", h("summary", t("undo.keep")), choices.map((choice) => choice.row))],
    ask: () => {
      const keep = Object.fromEntries(choices.filter(({select}) => select.value).map(({select}) => [select.name, select.value]));
      return {path: `/v1/merges/${encodeURIComponent(merge.id)}/undo`, body: Object.keys(keep).length ? {keep} : {}};
    },
    done: () => {
      say(t("undo.done"));
      go(customer.id);
    },
  });
  form.reason.focus();
}

// The two of a doubt side by side, and the decision.
export function openDecision(review, decision, done) {
  const place = h("div", h("p.quiet", t("loading")));
  const form = act({
    title: t(`review.${decision}Title`),
    label: t({merge: "reviews.merged", apart: "reviews.apart", keep: "reviews.kept"}[decision]), preview: decision === "merge", fields: [place],
    ask: () => ({path: `/v1/reviews/${encodeURIComponent(review.id)}`, body: {decision: decision === "keep" ? "apart" : decision}}),
    done: (answer) => {
      say(t(`review.${decision}Done`));
      if (answer.into) go(answer.into);
      else done();
    },
  });
  Promise.all(review.customers.map((id) => get(customerPath(id), {reason: "console: review"}))).then(
    (both) => fill(place, compare(both, [])), (error) => fill(place, errorBox(error)));
  form.reason.focus();
}
