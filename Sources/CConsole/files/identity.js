// Why the identifiers of a customer belong together.
import {h, data, whole, plain, fold} from "./dom.js";
import {t, named, moment, day, author} from "./words.js";

// More browsers than these are folded away.
const most = 12;

export const nameTag = (one) => [h("span.quiet", named("identifier", one.type)), " ", data(one.value)];

function identifier(one) {
  return [
    h("div.row", h("span.kind", named("identifier", one.type)), whole(one.value),
      one.shared ? h("span.tag.warn", t("shared"))
        : one.verified ? h("span.tag.good", t("proved"))
        : one.type === "anonymous_id" ? null : h("span.tag.claimed", t("claimed")),
      h("span.quiet.side", h("bdi", author(one.source)), " · ", t("since", {day: day(one.since)})))];
}

// A proof: which two, by what, whose word, when.
function tie(one) {
  const what = one.rule === "person" ? t("tie.person", {who: author(one.source)})
    : named("rule", one.rule);
  return [
    h("div.pair", h("span", nameTag(one.between[0])), h("span", {"aria-hidden": "true"}, "↔"),
      h("span.unseen", t("tie.with")), h("span", nameTag(one.between[1]))),
    h("div.quiet", what, " · ",
      t("tie.event", {type: named("type", one.type)}), one.event && [" “", data(one.event), "”"], " · ",
      h("bdi", author(one.source)), " · ", named("channel", one.channel), " · ",
      h("time", {datetime: one.at}, moment(one.at)), ` · #${one.sequence}`)];
}

// A word that proves nothing.
function claim(one) {
  return [
    h("div.row", nameTag(one), h("span.tag.claimed", t("claimed")),
      one.shared && h("span.tag.warn", t("shared"))),
    h("div.quiet", one.by && [t("claim.by"), " ", nameTag(one.by), " · "], h("bdi", author(one.source)),
      " · ", t("since", {day: day(one.since)}))];
}

function folded(items, make) {
  const list = plain(items.slice(0, most), make);
  const rest = items.slice(most);
  return rest.length ? [list, fold(t("more", {n: rest.length}), plain(rest, make))] : list;
}

export function identifiers(answer) {
  const claims = answer.claims.filter((one) => !one.tied);
  const isClaim = (one) => claims.some((claim) => claim.type === one.type && claim.value === one.value);
  const names = answer.identifiers.filter((one) => one.verified || !isClaim(one));
  return [folded(names, identifier),
    h("h3", t("why.title")),
    answer.ties.length ? folded(answer.ties, tie)
      : h("p.quiet", t(names.length > 1 ? "why.claims" : "why.alone")),
    claims.length > 0 && [h("h3", t("claims.title")), h("p.quiet", t("claims.hint")),
      folded(claims, claim)]];
}
