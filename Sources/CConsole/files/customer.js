// Everything about one customer, kept up to date while it is open.
import {h, fill, tree, whole, plain, fold, say} from "./dom.js";
import {t, named, moment, day, number, author} from "./words.js";
import {get, load, customerPath, mayDecide, mayEdit, Problem, expected} from "./api.js";
import {identifiers} from "./identity.js";
import {timeline} from "./timeline.js";
import {openMerge} from "./acts.js";
import {watch} from "./live.js";

const text = (trait) => typeof trait?.value === "string" ? trait.value.trim() : "";

// What a customer is called: his name, else what he is known by.
export function nameOf(customer) {
  const {name, firstName, lastName} = customer.traits;
  const whole = text(name) || `${text(firstName)} ${text(lastName)}`.trim();
  const known = customer.identifiers.find((one) => ["email", "phone", "user_id"].includes(one.type));
  return whole || (known ?? customer.identifiers[0])?.value || t("customer.nobody");
}

export const errorBox = (error, again) => h("div.error", {role: "alert"},
  h("p", error.words), error.detail && h("p.quiet", {lang: "en"}, error.detail),
  again && h("button", {onclick: again}, t("again")));

export const linkTo = (id) => h("a", {href: `#/customers/${encodeURIComponent(id)}`, class: "id"}, id);

const origin = (source, time) => h("span.quiet", h("bdi", author(source)), " · ",
  h("time", {datetime: time}, moment(time)));

function traits(customer, edit) {
  const rows = Object.entries(customer.traits);
  const button = mayEdit() && h("button", {id: "edit", onclick: edit}, t("traits.edit"));
  if (!rows.length) return [h("p.quiet", t("traits.none")), button];
  const first = ["name", "firstName", "lastName", "email", "phone"];
  const rank = ([name]) => first.indexOf(name) + 1 || 9;
  rows.sort((a, b) => rank(a) - rank(b) || a[0].localeCompare(b[0]));
  return [h("dl.rows", rows.map(([name, trait]) => h("div",
    h("dt", h("bdi", named("trait", name.slice(0, 120)))),
    h("dd", tree(trait.value), h("div", origin(trait.source, trait.at)),
      trait.lost.length > 0 && fold(t("traits.lost", {n: trait.lost.length}),
        plain(trait.lost, (lost) => [h("s", tree(lost.value)), " ", origin(lost.source, lost.at)])))))), button];
}

function consents(customer) {
  if (!customer.consents.length) return h("p.quiet", t("consents.none"));
  return plain(customer.consents, (one) => [
    h(one.state === "granted" ? "span.tag.good" : "span.tag.bad", named("consent", one.state)), " ",
    named("purpose", one.purpose), " · ", one.channel ? named("channel", one.channel) : t("consents.everywhere"),
    one.expiresAt && ` · ${t("until", {day: day(one.expiresAt)})}`, h("div", origin(one.source, one.at))]);
}

function quality(customer) {
  const {score, defects} = customer.quality;
  return [h("p.row", h("meter", {max: 100, low: 50, high: 80, optimum: 100, value: score, label: t("quality.title")}), t("quality.score", {score: number(score)})),
  defects.length === 0 ? h("p.quiet", t("quality.none"))
    : plain(defects, (defect) => [h("span.tag.warn", named("defect", defect.code)), " ",
      defect.customer ? linkTo(defect.customer) : h("bdi.quiet", {lang: "en"}, defect.detail)])];
}

function states(answer) {
  if (!answer.data.length) return h("p.quiet", t("state.none"));
  return h("dl.rows", answer.data.map((state) => h("div", h("dt", h("bdi", state.key)),
    h("dd", tree(state.value), h("div.quiet", state.device && h("bdi", state.device, " · "),
      moment(state.at), " · ", t("until", {day: day(state.expiresAt)}))))));
}

function merges(answer, customer) {
  if (!answer.data.length) return h("p.quiet", t("merges.none"));
  return plain(answer.data, (merge) => [
    h("div.row", h("strong", named("rule", merge.rule)),
      merge.undone ? h("span.tag", t("merges.undone"))
        : mayDecide() && h("button", {class: "undo", onclick: () => needed("./undo.js", ({openUndo}) => openUndo(merge, customer()))},
          t("undo.open"))),
    h("div.quiet", origin(merge.actor, merge.at)),
    merge.reason && h("div", "“", whole(merge.reason), "”"),
    h("div.quiet", merge.from === customer().id ? linkTo(merge.into) : h("span.id", merge.from),
      " → ", h("span.id", merge.into)),
    merge.undone && h("div", t("merges.undoneBy"), " ", origin(merge.undone.actor, merge.undone.at),
      merge.undone.reason && [" “", whole(merge.undone.reason), "”"])]);
}

// Does something with a module that is not here yet.
async function needed(name, work) {
  try {
    await work(await load(name));
  } catch (error) {
    expected(error);
    say(error.words);
  }
}

// A part of the page: made anew when it has changed, and not under somebody's hands.
export function part(key, isOpen) {
  const body = h("div.body");
  const count = h("span.quiet");
  const section = h("details.part", {open: isOpen, id: `part-${key}`},
    h("summary", h("h2", t(`${key}.title`)), count), body);
  let told = null, later = null;
  body.addEventListener("focusout", (event) => {
    if (later && !body.contains(event.relatedTarget)) {
      later();
      later = null;
    }
  });
  return {section, show(value, make, size) {
    const json = JSON.stringify(value);
    if (json === told) return;
    told = json;
    const work = () => {
      fill(body, make(value));
      count.textContent = size === undefined ? "" : number(size);
    };
    if (body.contains(document.activeElement)) later = work;
    else work();
  }, fail(error) {
    told = null;
    fill(body, h("p.quiet", error.status === 403 ? t("hidden") : error.words));
  }};
}

export function showCustomer(place, asked) {
  const path = customerPath(asked);
  const isWide = matchMedia("(min-width: 60rem)").matches;
  const parts = Object.fromEntries(["identifiers", "traits", "consents", "quality", "state", "merges"].map((key, index) =>
    [key, part(key, isWide || index === 0)]));
  const head = h("header.head", h("p.quiet", t("loading")));
  const mode = h("span.mode");
  const events = timeline(path);
  const page = {customer: null, end: null};
  const shop = h("div.shop");
  let isShop = false, isEnded = false, isBusy = false, isAgain = false, stop = () => {}, members = null;

  function showHead(customer) {
    document.title = `${nameOf(customer).slice(0, 60)} · Throughline`;
    const json = JSON.stringify([nameOf(customer), customer.id, customer.known, customer.formerIds, customer.claims]);
    if (head.dataset.told === json) return;
    head.dataset.told = json;
    fill(head,
      h("div.row", h("h1", whole(nameOf(customer))),
        h("span", {class: `tag ${customer.known ? "good" : ""}`}, t(customer.known ? "known" : "visitor"))),
      h("div.row.quiet", h("span.id", customer.id),
        customer.formerIds.length > 0 && fold(t("customer.former", {n: customer.formerIds.length}),
          plain(customer.formerIds, (id) => h("span.id", id))),
        mode),
      customer.claims.length > 0 && fold(t("customer.claims", {n: customer.claims.length}),
        h("p.quiet", t("customer.claimsHint")),
        plain(customer.claims, (claim) => [linkTo(claim.customer), " · ",
          named("identifier", claim.type), " · ", h("span.quiet", t("since", {day: day(claim.since)}))])),
      mayDecide() && h("div.row", h("button", {id: "merge",
        onclick: () => openMerge(page.customer)}, t("merge.open"))));
  }

  function showPicture(customer) {
    page.customer = customer;
    showHead(customer);
    showShop(customer);
    parts.traits.show(customer.traits, () => traits(customer, () => {
      // Made anew, the button would be gone when the dialog hands the focus back.
      parts.traits.section.firstChild.focus();
      needed("./traits.js", ({openTraits}) => openTraits(page.customer, () => look("console: refresh")));
    }), Object.keys(customer.traits).length);
    parts.consents.show(customer.consents, () => consents(customer), customer.consents.length);
    parts.quality.show(customer.quality, () => quality(customer), customer.quality.score);
    const now = JSON.stringify([customer.id, customer.formerIds]);
    // Another merge or undo: other events stand here.
    if (members !== null && members !== now) events.reset();
    members = now;
  }

  // Cart, orders and points come when there is something of them, or when somebody asks.
  function showShop({cart, openOrders, loyalty}, isAsked) {
    if (!cart) return;
    if (isAsked || isShop || [cart.lines, cart.savedForLater, openOrders, loyalty.lots, loyalty.holds].some((list) => list.length)
      || loyalty.owed || loyalty.tier) {
      isShop = true;
      return needed("./shop.js", ({show}) => !isEnded && show(shop, () => page.customer, () => look("console: refresh")));
    }
    if (!shop.firstChild) fill(shop, h("button", {onclick: () =>
      showShop(page.customer, true).then(() => shop.querySelector("summary")?.focus())}, t("shop")));
  }

  async function look(reason) {
    // One look at a time; what comes meanwhile is one more.
    if (isBusy) {
      isAgain = true;
      return;
    }
    isBusy = true;
    const ask = (rest, work) => get(path + rest, {reason}).then((answer) => { if (!isEnded) work(answer); });
    const section = (key) => (error) => { if (!isEnded && error instanceof Problem) parts[key].fail(error); else throw error; };
    try {
      await Promise.all([
        ask("", showPicture),
        ask("/identifiers", (answer) => parts.identifiers.show(answer, identifiers, answer.identifiers.length))
          .catch(section("identifiers")),
        ask("/state", (answer) => parts.state.show(answer, states, answer.data.length)).catch(section("state")),
        ask("/merges", (answer) => parts.merges.show(answer, () => merges(answer, () => page.customer ?? {id: asked}),
          answer.data.length)).catch(section("merges")),
        events.refresh(reason),
      ]);
    } catch (error) {
      expected(error);
      if (isEnded || error.status === 401) return;
      if (page.customer && error.status !== 404 && error.status !== 410) return say(error.words);
      stop();
      fill(place, errorBox(error, () => location.reload()));
    } finally {
      isBusy = false;
      if (isAgain && !isEnded) {
        isAgain = false;
        look("console: refresh");
      }
    }
  }

  fill(place, h("div.customer", h("div.facts", head, shop,
    Object.values(parts).map((one) => one.section)), events.section));
  page.end = () => {
    isEnded = true;
    stop();
    events.end();
  };
  look("console").then(() => {
    if (isEnded || !page.customer) return;
    stop = watch(page.customer.id, () => look("console: refresh"), (state) => {
      fill(mode, h("span", {class: `dot ${state}`, "aria-hidden": "true"}), t(`mode.${state}`));
    });
  });
  return page;
}
