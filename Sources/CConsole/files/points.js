// A customer's points, their ledger, and a change of them with a reason.
import {h, fill, data, plain, say, open} from "./dom.js";
import {t, named, number, day, moment} from "./words.js";
import {get, customerPath, mayDecide, expected} from "./api.js";
import {act} from "./acts.js";
import {errorBox} from "./customer.js";
import {money, rows} from "./goods.js";

const worth = ({pointValue}, points) => pointValue && points > 0
  ? h("span.quiet", " ≈ ", money({...pointValue, amount: points * pointValue.amount})) : null;
const signed = (points) => points > 0 ? `+${number(points)}` : number(points);

// Every change, the newest first.
function openLedger(id) {
  const body = h("tbody");
  const status = h("p.status", {role: "status"}, t("loading"));
  const more = h("button", {hidden: true, onclick: () => turn()}, t("points.older"));
  let cursor = null;
  async function turn() {
    more.disabled = true;
    try {
      const page = await get(`${customerPath(id)}/loyalty/ledger?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
      body.append(...page.data.map((row) => h("tr",
        h("th", {scope: "row"}, named("posting", row.kind),
          row.order && [" ", data(row.order)], row.reason && [" “", data(row.reason), "”"],
          h("div.quiet", h("time", {datetime: row.at}, moment(row.at)))),
        h("td", signed(row.points)), h("td", number(row.balance)))));
      cursor = page.next;
      status.textContent = body.firstChild ? "" : t("points.never");
    } catch (error) {
      expected(error);
      fill(status, errorBox(error, turn));
    } finally {
      more.disabled = false;
      more.hidden = !cursor;
    }
  }
  open(t("points.ledger"), h("div.scroll", {tabindex: "0", role: "region", label: t("points.ledger")}, h("table.figures",
    h("thead", h("tr", ["what", "change", "after"].map((name) => h("th", {scope: "col"}, t(`points.${name}`))))), body)),
  status, more);
  turn();
}

function openAdjustment(id, loyalty, done) {
  const points = h("input", {name: "points", type: "number", step: "1", required: true});
  act({
    title: t("points.adjust"), label: t("points.adjustDo"), preview: false,
    fields: [h("p.quiet", t("points.now", {balance: number(loyalty.balance)})), h("label.choice.edit", t("points.change"), points),
      h("p.quiet", t("points.adjustHint"))],
    ask: () => ({path: `${customerPath(id)}/loyalty/adjustments`, body: {points: Number(points.value)}}),
    done: (answer) => done(say(t("points.adjusted", {balance: number(answer.balance)}))),
  });
  points.focus();
}

export function points(loyalty, id, leave, refresh) {
  const {nextTier, nextExpiry} = loyalty;
  return [rows(
    [t("points.balance"), h("strong", number(loyalty.balance)), worth(loyalty, loyalty.balance)],
    loyalty.pending > 0 && [t("points.pending"), number(loyalty.pending)],
    loyalty.held > 0 && [t("points.held"), number(loyalty.held),
      plain(loyalty.holds, (hold) => h("span.quiet", number(hold.points), " · ", t("until", {day: moment(hold.until)})))],
    loyalty.owed > 0 && [t("points.owed"), h("span.error", number(loyalty.owed))],
    loyalty.tier && [t("points.tier"), data(loyalty.tier),
      loyalty.tierUntil && h("span.quiet", " · ", t("until", {day: day(loyalty.tierUntil)}))],
    nextTier && [t("points.next"), data(nextTier.name), loyalty.pointValue && h("span.quiet", " · ",
      t("points.missing", {sum: money({...loyalty.pointValue, amount: nextTier.missing})}))],
    nextExpiry && [t("points.expiry"), number(nextExpiry.points), h("span.quiet", " · ", day(nextExpiry.at))],
    loyalty.households.length > 0 && [t("points.household"), t("points.shared")]),
  h("div.row", h("button", {onclick: () => openLedger(id)}, t("points.ledgerOpen")),
    mayDecide() && h("button", {onclick: () => { leave(); openAdjustment(id, loyalty, refresh); }}, t("points.adjustOpen")))];
}
