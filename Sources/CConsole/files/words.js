// The languages of the console: a module each with the same keys.
export const languages = {en: "English", ru: "Русский"};
let code = "en";
export let place;
let words = {}, plural, times, days, numbers;

// What he chose, else what his browser asks for; only its words are loaded.
export async function chooseLanguage(chosen) {
  const kept = chosen ?? localStorage.getItem("language") ?? navigator.language.slice(0, 2);
  code = Object.hasOwn(languages, kept) ? kept : "en";
  words = (await import(`./${code}.js`)).default;
  if (chosen) localStorage.setItem("language", code);
  document.documentElement.lang = code;
  plural = new Intl.PluralRules(code);
  place = navigator.languages.find((one) => one.startsWith(code)) ?? code;
  times = new Intl.DateTimeFormat(place, {hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23"});
  days = new Intl.DateTimeFormat(place, {day: "numeric", month: "short", year: "numeric"});
  numbers = new Intl.NumberFormat(place);
}

// The words of what is loaded later.
export const addWords = (more) => Object.assign(words, more);

export const language = () => code;

// A name of somebody's own, such as `constructor`, is no key of ours.
const own = (object, key) => object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;

function find(key) {
  const dot = key.indexOf(".");
  if (dot < 0) return own(words, key);
  return own(own(words, key.slice(0, dot)), key.slice(dot + 1));
}

// The words of a key such as "signin.title"; {name} is replaced, and `n` chooses the form.
export function t(key, values = {}) {
  let text = find(key) ?? key;
  if (typeof text === "object") text = text[plural.select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => name === "n" ? numbers.format(values.n) : values[name] ?? "");
}

// The words for a name of the API; the name itself where it is new to us.
export const named = (group, name) => find(`${group}.${name}`) ?? name;

// "order ready": what happened to it; nothing where a shop itself has named what happened.
export function entry(type, name) {
  const words = find(`entry.${type} ${name}`);
  return words && ["order", "cart", "points"].includes(type) ? `${named("type", type)} ${words}` : words;
}

// Who wrote it: a person's requests have the source `api:` and his key's name.
export const author = (source) => source.replace(/^api:/, "");
export const names = (group) => Object.keys(words[group]);

export const number = (value) => numbers.format(value);
export const day = (time) => days.format(new Date(time));
export const clock = (time) => times.format(new Date(time));
export const moment = (time) => `${day(time)}, ${clock(time)}`;
