// Builds the page. What comes from customers goes in as text and never as HTML.
import {t} from "./words.js";

// Marks that turn the direction and control characters are shown by number: a name must not move other words.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

export function clean(value) {
  return String(value).replace(hidden, (mark) => `⟨${mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

// h("a.x", {href: "#/"}, child, …): perhaps properties, then nodes, texts, lists of these.
export function h(name, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  const properties = children[0]?.constructor === Object ? children.shift() : {};
  if (tag === "button") element.type = "button";
  for (const [key, value] of Object.entries(properties)) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value") element.value = value;
    else element.setAttribute(key === "label" ? "aria-label" : key, value === true ? "" : value);
  }
  return add(element, children);
}

export function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child == null || child === false) continue;
    element.append(child instanceof Node ? child : clean(child));
  }
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren();
  return add(element, children);
}

// A value that somebody sent: in its own direction, and cut where it is long.
const shown = 240;
export function data(value, isWhole) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const element = h("bdi.data", text.length > shown ? [...text.slice(0, shown)].join("") + "…" : text);
  if (text.length <= shown || !isWhole) return element;
  const button = h("button", {class: "link", "aria-expanded": "false", onclick: () => {
    fill(element, text);
    button.remove();
  }}, t("all"));
  return h("span", element, " ", button);
}

// The same, with a button for what was cut.
export const whole = (value) => data(value, true);

// Any JSON as a list of names and values.
export function tree(value, depth = 0) {
  if (value === null || typeof value !== "object") return whole(value === null ? "null" : value);
  const entries = Object.entries(value);
  if (entries.length === 0) return h("span.quiet", Array.isArray(value) ? "[ ]" : "{ }");
  if (depth > 6) return whole(JSON.stringify(value));
  const rows = entries.slice(0, 200).map(([name, item]) =>
    h("div", h("dt", h("bdi", name.slice(0, 120))), h("dd", tree(item, depth + 1))));
  return h("dl.tree", rows, entries.length > 200 && h("div", `… ${entries.length - 200}`));
}

export const plain = (items, make) => h("ul.plain", items.map((item) => h("li", make(item))));
export const fold = (title, ...children) => h("details", h("summary", title), children);

let serial = 0;
export function newID(prefix) {
  serial += 1;
  return `${prefix}-${serial}`;
}

// Tells it to the eye and to screen readers.
export function say(text, ...more) {
  const place = document.getElementById("said");
  if (!place) return;
  const note = h("div.note", text, more);
  place.append(note);
  setTimeout(() => note.remove(), 10000);
}

// A dialog that hands the focus back when it closes.
export function open(title, ...children) {
  const id = newID("title");
  const dialog = h("dialog", {"aria-labelledby": id},
    h("header", h("h2", {id, tabindex: "-1"}, title),
      h("button", {class: "icon", label: t("close"), onclick: () => dialog.close()}, "✕")),
    children);
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
