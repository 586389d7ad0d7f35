// Who is there, which page he asks for, how long the session lasts.
import {h, fill, say, open} from "./dom.js";
import {t, chooseLanguage} from "./words.js";
import {get, call, person, mayDecide, whenSignedOut, Problem, expected} from "./api.js";
import {listen, showHelp} from "./keys.js";
import {showSignIn, languageSwitch} from "./signin.js";
import {searchBox} from "./search.js";
import {showCustomer} from "./customer.js";
import {showReviews} from "./reviews.js";
import {openMerge} from "./acts.js";

let leave = () => {};
let shown = null;
const byID = (id) => document.getElementById(id);
const main = () => byID("main");

const renewal = 5 * 60 * 1000; // somebody who works renews it no more often
const warning = 2 * 60 * 1000; // before it ends
let endsAt = 0, renewedAt = 0, asking = null;

function take(session) {
  Object.assign(person, session);
  endsAt = Date.now() + session.expiresIn * 1000;
  renewedAt = Date.now();
  asking?.close();
  asking = null;
}

async function renew() {
  try {
    take(await call("PUT", "/session"));
  } catch (error) {
    if (error.status === 401) signedOut();
  }
}

async function signOut() {
  try {
    await call("DELETE", "/session");
    signedOut(t("signin.out"));
  } catch (error) {
    say(error instanceof Problem ? error.words : String(error));
  }
}

// The address stays, so that signing in leads back to where he was.
function signedOut(note = t("signin.again")) {
  if (!main()) return;
  leave();
  leave = () => {};
  asking?.close();
  asking = null;
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  showSignIn(note, enter);
}

function tick() {
  if (!main() || !endsAt) return;
  const left = endsAt - Date.now();
  if (left <= 0) return signedOut();
  if (left > warning || asking) return;
  asking = open(t("session.ending"), h("p", t("session.left")),
    h("button.primary", {onclick: renew}, t("session.stay")));
}

for (const name of ["keydown", "pointerdown"]) {
  document.addEventListener(name, () => {
    if (main() && !asking && Date.now() - renewedAt > renewal) {
      renewedAt = Date.now();
      renew();
    }
  }, {capture: true, passive: true});
}
setInterval(tick, 5000);

function frame() {
  fill(document.body,
    h("a.skip", {href: "#main", onclick: (event) => { event.preventDefault(); main().focus(); }}, t("skip")),
    h("header.bar",
      h("a.brand", {href: "#/", label: "Throughline"}, h("img", {src: "/console/icon.svg", alt: "", width: "22", height: "22"}),
        h("span", "Throughline")),
      searchBox(t("search.label"), (customer) => { location.hash = `#/customers/${customer.id}`; }, {isMain: true}),
      h("nav", {label: t("nav")},
        mayDecide() && h("a", {href: "#/reviews", id: "to-reviews"}, t("reviews.title")),
        h("a", {href: "/docs"}, t("docs")),
        h("button", {class: "icon", label: t("keys.title"), onclick: showHelp}, "?"),
        languageSwitch(() => { frame(); show(); }),
        h("span.who", h("bdi", person.name), h("span.quiet", t(`role.${person.role}`))),
        h("button", {class: "link", id: "sign-out", onclick: signOut}, t("signin.leave")))),
    h("main", {id: "main", tabindex: "-1"}),
    h("div", {id: "said", role: "status"}));
}

function start() {
  document.title = "Throughline";
  const example = `curl -u WRITE_KEY: ${location.origin}/v1/identify \\
  -H 'Content-Type: application/json' \\
  -d '{"userId": "17", "traits": {"name": "Ann", "email": "ann@example.com"}}'`;
  fill(main(), h("div.start",
    person.hasCustomers
      ? [h("h1", t("start.title")), h("p", t("start.how"))]
      : [h("h1", t("start.empty")), h("p", t("start.first")), h("pre", {tabindex: "0"}, example),
        h("p", t("start.key")), h("pre", {tabindex: "0"},
          "throughline source create --name shop --channel web --trust verified --data DIR")]));
}

function missing() {
  document.title = `${t("missing.title")} · Throughline`;
  fill(main(), h("div.start", h("h1", t("missing.title")),
    h("p", t("missing.text"), " ", h("a", {href: "#/"}, t("missing.back")))));
}

function show() {
  leave();
  leave = () => {};
  shown = null;
  const path = location.hash.replace(/^#\/?/, "").split("/").map((part) => {
    try { return decodeURIComponent(part); } catch { return part; }
  });
  for (const link of document.querySelectorAll("nav a[href^='#']")) {
    link.toggleAttribute("aria-current", link.hash === location.hash);
  }
  if (path[0] === "customers" && path[1] && path.length === 2) {
    shown = showCustomer(main(), path[1]);
    leave = shown.end;
  } else if (path[0] === "reviews" && path.length === 1 && mayDecide()) {
    leave = showReviews(main());
  } else if (path[0] === "") {
    start();
  } else {
    missing();
  }
}

function enter(session) {
  take(session);
  frame();
  show();
  byID("search").focus();
}

whenSignedOut(() => signedOut());
window.addEventListener("hashchange", () => {
  if (!main()) return;
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  show();
  main().focus();
  window.scrollTo(0, 0);
});
listen({
  "/": () => byID("search")?.focus(),
  "?": showHelp,
  g: () => { if (mayDecide()) location.hash = "#/reviews"; },
  t: () => document.querySelector("#timeline [tabindex='0'], #timeline button")?.focus(),
  m: () => { if (shown?.customer && mayDecide()) openMerge(shown.customer); },
});

await chooseLanguage();
try {
  enter(await get("/session"));
} catch (error) {
  expected(error);
  showSignIn(error.status === 401 ? null : error.words, enter);
}
