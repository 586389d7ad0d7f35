// What carts and orders share: money, and an article with the stores that have it.
import {h, fill, data, plain, fold} from "./dom.js";
import {t, place, number, moment} from "./words.js";
import {get, expected} from "./api.js";
import {errorBox} from "./customer.js";

// More stores than these are folded away.
const most = 8;
const asked = 100;

export function money(value) {
  if (!value) return "—";
  const format = new Intl.NumberFormat(place, {style: "currency", currency: value.currency});
  return format.format(value.amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

export const rows = (...all) => h("dl.rows", all.filter((row) => row).map(([label, ...value]) =>
  h("div", h("dt", label), h("dd", value))));

// An article's name and number.
export const article = ({name, sku}) => [data(name ?? sku), name && [" ", h("span.quiet", data(sku))]];

// A line with more behind it. `opened` keeps what was open, for when the list is made anew.
export function opening(key, opened, head, make) {
  const body = h("div.inner");
  return h("details.line", {open: opened.has(key), ontoggle: ({target}) => {
    if (!target.open) return opened.delete(key);
    opened.add(key);
    return make(body);
  }}, h("summary", head), body);
}

function stores(list) {
  return h("table.figures",
    h("thead", h("tr", ["store", "available", "onHand"].map((name) => h("th", {scope: "col"}, t(`stock.${name}`))))),
    h("tbody", list.map((one) => h("tr",
      h("th", {scope: "row"}, data(one.name || one.store),
        one.stale && [" ", h("span.tag.warn", t("stock.stale"))],
        one.asOf && h("div.quiet", t("stock.asOf", {time: moment(one.asOf)}), one.open === false && ` · ${t("stock.closed")}`)),
      h("td", h(one.available > 0 ? "strong" : "span", number(one.available))),
      h("td", number(one.onHand), one.reserved > 0 && h("div.quiet", t("stock.reserved", {reserved: number(one.reserved)})))))));
}

// Which store has it.
export async function stock(shelf, sku) {
  const path = `/v1/products/${encodeURIComponent(sku)}`;
  if (!shelf.firstChild) fill(shelf, h("p.quiet", t("loading")));
  try {
    const [found, product] = await Promise.all([get(`${path}/availability?limit=${asked}`), get(path).catch(expected)]);
    const list = [...found.stores].sort((a, b) => (b.available > 0) - (a.available > 0));
    const rest = list.slice(most);
    fill(shelf, product && h("p", data(product.name), product.brand && [" · ", data(product.brand)]),
      list.length ? stores(list.slice(0, most)) : h("p.quiet", t("stock.none")),
      rest.length > 0 && fold(t("more", {n: rest.length}), stores(rest)));
  } catch (error) {
    expected(error);
    fill(shelf, errorBox(error, () => stock(shelf, sku)));
  }
}
