// Pairs of customers that may be one person, and customers with a doubtful number, for a person to decide.
import {h, fill} from "./dom.js";
import {t, named, moment, number} from "./words.js";
import {get, expected} from "./api.js";
import {openDecision} from "./acts.js";
import {errorBox, linkTo} from "./customer.js";

const states = ["open", "merged", "apart"];

// `limit user_id` and the like: the rule, then what it is about.
const reason = (text) => {
  const [rule, type] = text.split(" ");
  return t(`reviewReason.${rule}`, {type: named("identifier", type ?? "")});
};

export function showReviews(place) {
  document.title = `${t("reviews.title")} · Throughline`;
  let state = "open", cursor = null, isEnded = false;
  const list = h("ul.reviews");
  const status = h("p.status", {role: "status"}, t("loading"));
  const more = h("button", {hidden: true, onclick: () => load()}, t("reviews.older"));
  const tabs = states.map((name) => h("button", {"aria-pressed": String(name === state), onclick: () => {
    state = name;
    for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.state === state));
    again();
  }, "data-state": name}, t(`reviews.${name}`)));

  function row(review) {
    const isPair = review.customers.length > 1;
    const decide = (decision) => h("button", {onclick: () => openDecision(review, decision, again)},
      t(`review.${decision}`));
    return h("li",
      h("div.row", linkTo(review.customers[0]), isPair && [h("span", {"aria-hidden": "true"}, "↔"),
        h("span.unseen", t("tie.with")), linkTo(review.customers[1])]),
      h("div.row", isPair && [h("meter", {max: 100, value: review.score, label: t("reviews.score")}),
        t("quality.score", {score: number(review.score)}), " · "], review.reasons.map(reason).join(", ")),
      h("div.row", h("time.quiet", {datetime: review.since}, moment(review.since)),
        review.state === "open" && (isPair ? [decide("merge"), decide("apart")] : decide("keep"))));
  }

  async function load() {
    const asked = state;
    try {
      const page = await get(`/v1/reviews?limit=20&state=${state}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
      if (isEnded || asked !== state) return;
      list.append(...page.data.map(row));
      cursor = page.next;
      more.hidden = !cursor;
      status.textContent = list.childElementCount ? "" : t(state === "open" ? "reviews.none" : "reviews.never");
    } catch (error) {
      expected(error);
      if (!isEnded) fill(status, errorBox(error, again));
    }
  }

  function again() {
    cursor = null;
    list.replaceChildren();
    more.hidden = true;
    status.textContent = t("loading");
    return load();
  }

  fill(place, h("div.page", h("h1", t("reviews.title")), h("p.quiet", t("reviews.hint")),
    h("div.row.tabs", {role: "group", label: t("reviews.state")}, tabs), list, status, more));
  load();
  return () => { isEnded = true; };
}
