// The keyboard: one list, arrows in it, and single keys that can be turned off.
import {h, open} from "./dom.js";
import {t} from "./words.js";

const setting = "single-keys";
export const singleKeys = () => localStorage.getItem(setting) !== "off";

const isTyping = (target) =>
  target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;

export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!singleKeys() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

// One item is in the order of tabs; arrows, Home and End move in the list.
export function roving(list, selector) {
  const items = () => [...list.querySelectorAll(selector)];
  const settle = () => {
    const all = items();
    if (all.length && !all.some((item) => item.tabIndex === 0)) all[0].tabIndex = 0;
  };
  list.addEventListener("focusin", (event) => {
    const item = event.target.closest(selector);
    if (!item) return;
    for (const other of items()) other.tabIndex = other === item ? 0 : -1;
  });
  list.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(event.target.closest(selector));
    if (at < 0 || event.target !== all[at]) return;
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1}[event.key];
    if (to === undefined || !all[to]) return;
    event.preventDefault();
    all[to].focus();
  });
  return settle;
}

const described = ["/", "g", "t", "m", "?", "↑ ↓", "Enter", "Esc"];

export function showHelp() {
  const box = h("input", {type: "checkbox", onchange: () =>
    localStorage.setItem(setting, box.checked ? "on" : "off")});
  box.checked = singleKeys();
  open(t("keys.title"),
    h("dl.keys", described.map((key) =>
      h("div", h("dt", h("kbd", key)), h("dd", t(`keys.${key}`))))),
    h("label.check", box, t("keys.single")));
}
