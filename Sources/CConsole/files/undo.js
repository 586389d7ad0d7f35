// Takes a merge back. Loaded when somebody is about to.
import {h, fill, data, plain, fold, say} from "./dom.js";
import {t, named, moment, author} from "./words.js";
import {post} from "./api.js";
import {act, go} from "./acts.js";
import {nameOf, errorBox} from "./customer.js";

// Who somebody is, in a line.
const inWords = (customer) => [nameOf(customer), ...customer.identifiers.map((one) => one.value)]
  .filter((word, index, all) => all.indexOf(word) === index).slice(0, 3).join(" · ").slice(0, 90);

export function openUndo(merge, customer) {
  const path = `/v1/merges/${encodeURIComponent(merge.id)}/undo`;
  const place = h("div", h("p.quiet", t("loading")));
  let choices = [];
  const form = act({
    title: t("undo.title"), label: t("undo.title"), isDanger: true,
    fields: [h("p.quiet", t("undo.hint")),
      h("p.quiet", named("rule", merge.rule), " · ", h("bdi", author(merge.actor)), " · ", moment(merge.at)), place],
    ask: () => {
      const keep = Object.fromEntries(choices.filter((one) => one.value).map((one) => [one.name, one.value]));
      return {path, body: Object.keys(keep).length ? {keep} : {}};
    },
    done: () => {
      say(t("undo.done"));
      go(customer.id);
    },
  });
  // Whom it would leave is who the two sides are.
  post(path, {reason: "console", dryRun: true}).then(({diff}) => {
    const sides = [merge.into, merge.from].map((id) =>
      [id, inWords(diff.after.find((one) => one.id === id || one.formerIds.includes(id)) ?? customer)]);
    const options = [["", t("undo.stays")], ...sides, ["shared", t("undo.shared")]];
    const names = customer.identifiers.filter((one) => one.verified || one.type === "anonymous_id");
    choices = names.map((one) => h("select", {name: `${one.type}:${one.value}`},
      options.map(([value, label]) => h("option", {value}, label))));
    fill(place, plain(sides, ([, words]) => h("bdi", words)),
      fold(t("undo.keep"), names.map((one, index) =>
        h("label.choice", h("span", named("identifier", one.type), " ", data(one.value)), choices[index]))));
  }, (error) => fill(place, errorBox(error)));
  form.reason.focus();
}
