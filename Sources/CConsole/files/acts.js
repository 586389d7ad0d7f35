// Decisions about who is who, each with a reason, and shown before it is done.
import {h, fill, data, tree, say, open} from "./dom.js";
import {t, named} from "./words.js";
import {get, call, customerPath, expected} from "./api.js";
import {searchBox} from "./search.js";
import {nameOf, errorBox} from "./customer.js";

// Also where that is shown already.
export function go(id) {
  const hash = `#/customers/${encodeURIComponent(id)}`;
  if (location.hash === hash) window.dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = hash;
}

const differ = (values) => new Set(values.filter((value) => value !== undefined).map((value) => JSON.stringify(value))).size > 1;

// Customers side by side, before and after.
export function compare(before, after) {
  const all = [...before, ...after];
  const head = (one, index) => h("th", {scope: "col", class: index >= before.length ? "after" : null},
    h("span.quiet", t(index < before.length ? after.length ? "compare.before" : "compare.now" : "compare.after")),
    h("div", data(nameOf(one))), h("div.id", one.id));
  const line = (label, values, show) => h("tr", {class: differ(values.slice(0, before.length)) ? "differs" : null},
    h("th", {scope: "row"}, label), values.map((value, index) => h("td", {class: index >= before.length ? "after" : null},
      value === undefined ? h("span.quiet", "—") : show(value))));
  const standing = (one) => one && t(one.shared ? "shared" : one.verified ? "proved"
    : one.type === "anonymous_id" ? "has" : "claimed");
  const key = (one) => JSON.stringify([one.type, one.value]);
  const names = new Map(all.flatMap(({identifiers}) => identifiers.map((one) => [key(one), one])));
  const traits = [...new Set(all.flatMap((one) => Object.keys(one.traits)))].sort();
  const purposes = [...new Set(all.flatMap(({consents}) => consents.map((one) => JSON.stringify([one.purpose, one.channel]))))];
  const group = (title) => h("tr.group", h("th", {colspan: String(all.length + 1), scope: "colgroup"}, title));
  return h("div.scroll", {tabindex: "0", role: "region", label: t("compare.title")}, h("table.compare",
    h("thead", h("tr", h("td"), all.map(head))),
    h("tbody",
      line(t("quality.title"), all.map((one) => one.quality.score), String),
      group(t("identifiers.title")),
      [...names].map(([name, one]) => line([named("identifier", one.type), " ", data(one.value)],
        all.map(({identifiers}) => standing(identifiers.find((other) => key(other) === name))), String)),
      traits.length > 0 && group(t("traits.title")),
      traits.map((name) => line(h("bdi", named("trait", name.slice(0, 120))),
        all.map((one) => one.traits[name]?.value), (value) => tree(value))),
      purposes.length > 0 && group(t("consents.title")),
      purposes.map((name) => {
        const [purpose, channel] = JSON.parse(name);
        return line(`${named("purpose", purpose)} · ${channel ? named("channel", channel) : t("consents.everywhere")}`,
          all.map(({consents}) => consents.find((one) => one.purpose === purpose && one.channel === channel)?.state),
          (state) => named("consent", state));
      }))));
}

// A dialog: what is asked, perhaps a reason, a preview, and only then the deed.
// `ask` gives the request; `done` gets its answer.
export function act({title, ask, fields, label, done, preview = true, needsReason = true, isDanger = false}) {
  const reason = h("textarea", {name: "reason", rows: "2", maxlength: "1000", required: true});
  const result = h("div.preview");
  const look = h("button", {type: "submit"}, t("act.preview"));
  const perform = h("button", {type: preview ? null : "submit", class: isDanger ? "danger" : "primary", disabled: preview}, label);
  let seen = null;
  const forget = () => {
    seen = null;
    perform.disabled = preview;
    result.replaceChildren();
  };
  const run = async (dryRun) => {
    const request = ask();
    if (!request || !form.reportValidity()) return;
    look.disabled = perform.disabled = true;
    try {
      const why = needsReason && {reason: reason.value.trim()};
      const answer = await call(request.method ?? "POST", request.path, {body: {...request.body, ...why, ...(dryRun && {dryRun})}});
      if (!dryRun) {
        dialog.close();
        return done(answer);
      }
      fill(result, h("h3", {tabindex: "-1"}, t("act.would")), compare(answer.diff.before, answer.diff.after));
      seen = JSON.stringify(request);
      result.querySelector("h3").focus();
    } catch (error) {
      expected(error);
      fill(result, errorBox(error));
    } finally {
      look.disabled = false;
      perform.disabled = preview && seen === null;
    }
  };
  const form = h("form", {onsubmit: (event) => {
    event.preventDefault();
    run(preview);
  }, onchange: () => {
    // What was previewed is what is done, and nothing else.
    if (seen !== null && JSON.stringify(ask()) !== seen) forget();
  }}, fields, needsReason && h("label", t("act.reason"), reason), result,
  h("div.row.end", preview && look, perform));
  if (preview) perform.addEventListener("click", () => run(false));
  const dialog = open(title, form);
  return {form, reason, forget};
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

export function openDecision(review, decision, done) {
  const place = h("div", h("p.quiet", t("loading")));
  const isMerge = decision === "merge";
  const label = t({merge: "reviews.merged", apart: "reviews.apart", keep: "reviews.kept"}[decision]);
  const form = act({
    title: label, label, preview: isMerge, fields: [place],
    ask: () => ({path: `/v1/reviews/${encodeURIComponent(review.id)}`, body: {decision: isMerge ? decision : "apart"}}),
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
