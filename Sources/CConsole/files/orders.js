// The orders of which something is still to be done.
import {h, fill, data, tree, plain, say, open} from "./dom.js";
import {t, named, number, moment, day} from "./words.js";
import {get, send, mayEdit, Problem, expected} from "./api.js";
import {act} from "./acts.js";
import {errorBox} from "./customer.js";
import {money, rows, article, opening, stock} from "./goods.js";

const orderPath = (id) => `/v1/orders/${encodeURIComponent(id)}`;
// What no store has handed over yet can be called off.
const inStore = ["placed", "reserved", "picking", "ready", "packed"];
const waiting = (order) => order.lines.some((line) => inStore.includes(line.status));
const tag = (status) => h("span", {class: `tag ${["ready", "packed"].includes(status) ? "good" : ""}`}, named("orderState", status));

// The code as an image, which a till's scanner reads.
async function openCode(order) {
  try {
    const answer = await send(`${orderPath(order.id)}/qr`, "console", {}).catch((error) => { throw new Problem(0, String(error)); });
    if (!answer.ok) throw new Problem(answer.status, "");
    const image = `data:image/svg+xml,${encodeURIComponent(await answer.text())}`;
    open(t("order.qr"), h("div.code", h("img", {src: image, alt: t("order.qrOf", {code: order.code}), width: "240", height: "240"}),
      h("p", h("strong.id", order.code)), h("p.quiet", data(order.id))));
  } catch (error) {
    expected(error);
    say(error.words);
  }
}

function openCancel(order, done) {
  const {reason} = act({
    title: t("order.cancel"), label: t("order.cancelDo"), preview: false, isDanger: true,
    fields: [h("p", t("order.cancelHint")), h("p", h("strong", data(order.id)), " · ", money(order.due)),
      plain(order.lines.filter((line) => inStore.includes(line.status)), (line) => [number(line.quantity), " × ", article(line)])],
    ask: () => ({path: `${orderPath(order.id)}/cancel`, body: {}}),
    done: () => done(say(t("order.cancelled"))),
  });
  reason.focus();
}

// What its line does not show.
async function details(place, short, opened, leave, refresh) {
  if (!place.firstChild) fill(place, h("p.quiet", t("loading")));
  try {
    const order = await get(orderPath(short.id));
    const way = order.fulfilment;
    fill(place,
      rows([t("order.way"), named("way", way.type), way.store && [" · ", data(short.storeName ?? way.store)]],
        way.collector != null && [t("order.collector"), tree(way.collector)],
        way.address != null && [t("order.address"), tree(way.address)],
        way.carrier && [t("order.carrier"), data(way.carrier), way.tracking && [" · ", data(way.tracking)]],
        [t("order.placed"), moment(order.placedAt), " · ", named("channel", order.channel)],
        [t("order.paid"), money(order.totals.paid)],
        order.points > 0 && [t("order.points"), number(order.points)],
        order.note && [t("order.note"), data(order.note)]),
      plain(order.lines, (line) => opening(`${order.id} ${line.line} ${line.status}`, opened,
        [h("span.name", article(line)), tag(line.status),
          h("span.sum", number(line.quantity), " × ", money(line.price))], (body) => stock(body, line.sku))),
      h("div.row", short.code && h("button", {onclick: () => openCode(short)}, t("order.qrOpen")),
        mayEdit() && waiting(short) && h("button", {onclick: () => { leave(); openCancel(short, refresh); }}, t("order.cancelOpen"))));
  } catch (error) {
    expected(error);
    fill(place, errorBox(error, () => details(place, short, opened, leave, refresh)));
  }
}

export function orders(list, opened, leave, refresh) {
  if (!list.length) return h("p.quiet", t("orders.none"));
  return plain(list, (order) => opening(order.id, opened, [
    h("span.name", h("strong", data(order.id))), tag(order.status), h("strong.sum", money(order.due)),
    h("span.under", [
      order.code && [t("order.code"), " ", h("span.id", order.code)],
      order.store && data(order.storeName ?? order.store),
      order.until && t("until", {day: day(order.until)}),
      order.lines.slice(0, 3).map((line, index) => [index > 0 && ", ", number(line.quantity), " × ", data(line.name ?? line.sku)]),
      order.lines.length > 3 && "…",
    ].filter((part) => part).flatMap((part, index) => index ? [" · ", part] : [part]))],
  (body) => details(body, order, opened, leave, refresh)));
}
