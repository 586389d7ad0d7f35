// What a customer has in his cart, has ordered, and has in points. Loaded where there is something of it.
import {h, fill, data, plain, say} from "./dom.js";
import {t, named, number, addWords, language} from "./words.js";
import {load, customerPath, mayEdit} from "./api.js";
import {act} from "./acts.js";
import {part} from "./customer.js";
import {money, rows, article, opening, stock} from "./goods.js";
import {orders} from "./orders.js";
import {points} from "./points.js";

const change = (id, sku, quantity) => ({method: "PATCH", path: `${customerPath(id)}/cart`, body: {lines: [{sku, quantity}]}});

function openQuantity(id, {sku, name, quantity}, done) {
  const input = h("input", {name: "quantity", type: "number", min: "0", step: "any", required: true, value: String(quantity)});
  act({
    title: t("cart.change"), label: t("cart.save"), preview: false, needsReason: false,
    fields: [h("p", article({name, sku})), h("label.choice.edit", t("cart.quantity"), input)],
    ask: () => change(id, sku, input.value),
    done: () => done(say(t("cart.saved"))),
  });
  input.select();
}

function openRemoval(id, {sku, name, quantity}, done) {
  const {form} = act({
    title: t("cart.remove"), label: t("cart.removeDo"), preview: false, needsReason: false, isDanger: true,
    fields: [h("p", number(quantity), " × ", article({name, sku}))],
    ask: () => change(id, sku, 0),
    done: () => done(say(t("cart.removed"))),
  });
  form.querySelector(".danger").focus();
}

function issue(one) {
  const more = one.code === "priceChanged" ? `${money(one.old)} → ${money(one.new)}`
    : one.available === undefined ? "" : t("cart.available", {available: number(one.available)});
  return [named("issue", one.code), more].filter(Boolean).join(": ");
}

function cart(value, id, opened, leave, refresh) {
  const {lines, savedForLater, totals, coupons, state} = value;
  if (!lines.length && !savedForLater.length) return h("p.quiet", t("cart.none"));
  const isFrozen = state === "checkingOut";
  const buttons = (line) => mayEdit() && !isFrozen && h("div.row",
    h("button", {onclick: () => { leave(); openQuantity(id, line, refresh); }}, t("cart.changeOpen")),
    h("button", {onclick: () => { leave(); openRemoval(id, line, refresh); }}, t("cart.removeOpen")));
  return [state !== "active" && state !== "empty" && h("p", h("span.tag.warn", t(`cart.${state}`))),
    plain(lines, (line) => opening(line.sku, opened, [
      h("span.name", article(line)),
      h("span.sum", number(line.quantity), line.unitPrice && [" × ", money(line.unitPrice)]),
      h("strong.sum", money(line.total)),
      line.discounts.length > 0 && h("span.under", line.discounts.map((one, index) =>
        [index > 0 && " · ", data(one.title ?? one.rule), ` −${money(one.amount)}`])),
      line.issues.length > 0 && h("span.under", line.issues.map((one) => h("span.tag.warn", issue(one))))],
    (body) => {
      const shelf = h("div");
      fill(body, shelf, buttons(line));
      return stock(shelf, line.sku);
    })),
    lines.length > 0 && totals.goods && rows(
      (totals.discount?.amount || totals.points?.amount) && [t("cart.goods"), money(totals.goods)],
      totals.discount?.amount && [t("cart.discount"), `−${money(totals.discount)}`],
      totals.points?.amount && [t("cart.points"), `−${money(totals.points)}`],
      [t("cart.due"), h("strong", money(totals.due))]),
    coupons.length > 0 && h("p.row", h("span.quiet", t("cart.coupons")), coupons.map((code) => h("span.tag", data(code)))),
    savedForLater.length > 0 && [h("h3", t("cart.later")), plain(savedForLater, (line) =>
      opening(`later ${line.sku}`, opened, [h("span.name", article(line)), h("span.sum", number(line.quantity))],
        (body) => stock(body, line.sku)))]];
}

let style = null;
const styled = () => style ??= new Promise((done) => {
  document.head.append(h("link", {rel: "stylesheet", href: "/console/shop.css", onload: done, onerror: done}));
});

function make(place) {
  const [inCart, ofOrders, ofPoints] = ["cart", "orders", "points"].map((key) => part(key, true));
  const opened = new Set();
  // Made anew, a button would be gone when the dialog hands the focus back.
  const leaving = ({section}) => () => section.firstChild.focus({preventScroll: true});
  fill(place, inCart.section, ofOrders.section, ofPoints.section);
  return (customer, refresh) => {
    const {id} = customer;
    inCart.show([id, customer.cart], () => cart(customer.cart, id, opened, leaving(inCart), refresh), customer.cart.lines.length);
    ofOrders.show(customer.openOrders, () => orders(customer.openOrders, opened, leaving(ofOrders), refresh), customer.openOrders.length);
    ofPoints.show([id, customer.loyalty], () => points(customer.loyalty, id, leaving(ofPoints), refresh), customer.loyalty.balance);
  };
}

const shops = new WeakMap();

// Shows it in `place`, or what has changed of it since.
export async function show(place, customer, refresh) {
  await Promise.all([load(`./shop.${language()}.js`).then((module) => addWords(module.default)), styled()]);
  if (!shops.has(place)) shops.set(place, make(place));
  shops.get(place)(customer(), refresh);
}
