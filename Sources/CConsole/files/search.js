// Finds customers as one types.
import {h, fill, data, newID} from "./dom.js";
import {t, named, day} from "./words.js";
import {search, expected} from "./api.js";

const pause = 120; // between keys of one word

const title = (found) => found.name || found.identifiers[0]?.value || t("customer.nobody");

function option(found, id, pick) {
  const names = found.identifiers.map((name) => h("span", {class: name.verified ? "name" : "name claim"},
    named("identifier", name.type), " ", data(name.value), !name.verified && ` · ${t("claimed")}`));
  const others = found.matches.filter((match) =>
    match.value !== found.name && !found.identifiers.some((name) => name.value === match.value));
  return h("li", {id, role: "option", "aria-selected": "false", onclick: () => pick(found)},
    h("span.row", h("strong", data(title(found))),
      h("span.tag", t(found.known ? "known" : "visitor")),
      found.match === "mistake" && h("span.tag.warn", t("search.mistake"))),
    h("span.row.quiet", names,
      others.slice(0, 3).map((match) => h("span", named("trait", match.field), " ", data(match.value))),
      h("span", t("search.active", {day: day(found.activeAt)}))));
}

// A field with a list below it. `pick` gets what was chosen.
export function searchBox(label, pick, {isMain = false} = {}) {
  const [listID, statusID] = [newID("found"), newID("status")];
  let found = [], active = -1, timer = null, asked = null, isHeld = false;
  const list = h("ul", {id: listID, role: "listbox", label: label, hidden: true});
  const status = h("p", {id: statusID, class: "status", role: "status"});
  const input = h("input", {
    type: "search", role: "combobox", autocomplete: "off", spellcheck: "false", maxlength: "200",
    "aria-expanded": "false", "aria-controls": listID, "aria-autocomplete": "list", label: label,
    placeholder: t("search.placeholder"), "aria-keyshortcuts": isMain ? "/" : null, id: isMain ? "search" : null,
  });

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const take = (customer) => {
    close();
    status.textContent = "";
    input.value = "";
    asked?.abort();
    pick(customer);
  };
  const mark = (index) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const item = list.children[active];
    if (!item) return input.removeAttribute("aria-activedescendant");
    item.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({block: "nearest"});
  };
  async function look() {
    asked?.abort();
    const q = input.value.trim();
    if (!q) {
      close();
      status.textContent = "";
      return;
    }
    asked = new AbortController();
    const {signal} = asked;
    try {
      const answer = await search(q, {signal});
      if (signal.aborted) return;
      found = answer.data;
      fill(list, found.map((customer, index) => option(customer, `${listID}-${index}`, take)));
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(found.length > 0));
      active = -1;
      input.removeAttribute("aria-activedescendant");
      status.textContent = found.length === 0 ? t("search.none")
        : !answer.complete ? t("search.many")
        : answer.next ? t("search.more", {n: found.length}) : t("search.found", {n: found.length});
      if (isHeld && found.length) take(found[0]);
    } catch (error) {
      if (error.name === "AbortError") return;
      expected(error);
      close();
      status.textContent = error.status === 400 ? t("search.short") : error.words;
    } finally {
      if (!signal.aborted) isHeld = false;
    }
  }
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { timer = null; look(); }, pause);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      // The first one closes the list, the next one empties the field.
      if (list.hidden && !input.value) return;
      event.preventDefault();
      event.stopPropagation();
      if (list.hidden) input.value = "";
      close();
      status.textContent = "";
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(active < 0 && step < 0 ? found.length - 1 : (active + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const q = input.value.trim();
      if (/^cus_[0-9a-z]+$/.test(q)) return take({id: q, name: null, identifiers: []});
      if (!list.hidden && !timer) return take(found[Math.max(active, 0)]);
      // Faster than the answer: the first that comes is meant.
      clearTimeout(timer);
      timer = null;
      isHeld = true;
      look();
    }
  });
  const box = h("div.search", {role: isMain ? "search" : null}, input, h("div.popup", status, list));
  box.addEventListener("focusout", (event) => {
    if (box.contains(event.relatedTarget)) return;
    close();
    status.textContent = "";
  });
  // A press on an item must not take the focus away before it counts.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  input.addEventListener("focus", () => { if (input.value.trim()) look(); });
  return box;
}
