// The way in: a key for a session.
import {h, fill} from "./dom.js";
import {t, languages, language, chooseLanguage} from "./words.js";
import {call, expected} from "./api.js";

// One button a language, each in its own words.
export function languageSwitch(changed) {
  return h("div.languages", {role: "group", label: t("language")},
    Object.entries(languages).map(([code, own]) => h("button", {
      class: "link", lang: code, "aria-pressed": String(code === language()),
      label: own, onclick: async () => {
        await chooseLanguage(code);
        changed();
      },
    }, code.toUpperCase())));
}

// `note` says why somebody has to sign in again.
export function showSignIn(note, signedIn) {
  document.title = `${t("signin.title")} · Throughline`;
  const error = h("p.error", {role: "alert"});
  const key = h("input", {type: "password", id: "key", name: "key", autocomplete: "current-password", required: true,
    spellcheck: "false", "aria-describedby": "key-hint"});
  const button = h("button.primary", {type: "submit"}, t("signin.enter"));
  const form = h("form.signin", {onsubmit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    error.textContent = "";
    try {
      signedIn(await call("POST", "/session", {body: {key: key.value.trim()}}));
    } catch (problem) {
      expected(problem);
      error.textContent = problem.status === 401 ? t("signin.wrong") : problem.status === 403 ? t("signin.machine")
        : problem.status === 429 ? t("signin.often", {n: problem.wait ?? 60}) : problem.words;
      key.select();
      key.focus();
    } finally {
      button.disabled = false;
    }
  }},
  h("h1", "Throughline"),
  note && h("p", {role: "status"}, note),
  h("label", {for: "key"}, t("signin.key")), key,
  h("p.quiet", {id: "key-hint"}, t("signin.hint")),
  h("pre", "throughline key create --role agent --name ANN --data DIR"),
  error, button,
  h("div.row", languageSwitch(() => showSignIn(note, signedIn)), h("a", {href: "/docs"}, t("docs"))));
  fill(document.body, h("main.door", form));
  key.focus();
}
