// A customer's events, newest first, however many there are.
import {h, add, data, tree, whole, plain, newID} from "./dom.js";
import {t, named, names, day, clock, moment, author, entry} from "./words.js";
import {get, expected} from "./api.js";
import {roving} from "./keys.js";

const size = 50;
const rounds = 10; // pages without a hit that are turned before the person is asked
const pause = 250;

// "order ready" needs no word before A-17, nor whose it is.
function summary(event, isOurs) {
  const isOne = (name, ...names) => isOurs && names.includes(name);
  const scalars = Object.entries(event.properties ?? {}).filter(([name, value]) =>
    value !== null && typeof value !== "object" && !isOne(name, "customer", "about"));
  return scalars.slice(0, 3).map(([name, value]) => h("span",
    !isOne(name, "id", "order", "points") && [h("bdi", named("trait", name.slice(0, 40))), " "],
    data([...String(value)].slice(0, 60).join(""))));
}

function details(event) {
  const time = (name) => event[name] && h("div", h("dt", t(`event.${name}`)),
    h("dd", h("time", {datetime: event[name]}, moment(event[name]))));
  return [tree(event.properties),
    event.identifiers.length > 0 && plain(event.identifiers, (one) => [
      h("span.quiet", named("identifier", one.type)), " ", whole(one.value), " ",
      h("span", {class: `tag ${one.proved ? "good" : "claimed"}`}, t(one.proved ? "proved" : "claimed")), " ",
      h("span.quiet", named("became", one.became))]),
    h("dl.tree.quiet",
      h("div", h("dt", t("event.source")), h("dd", h("bdi", author(event.source)))),
      time("receivedAt"), time("originalTimestamp"), time("sentAt"),
      h("div", h("dt", t("event.messageId")), h("dd", data(event.messageId))),
      h("div", h("dt", t("event.sequence")), h("dd", String(event.sequence))))];
}

function row(event) {
  const name = event.event ?? event.name;
  const words = entry(event.type, name);
  const id = newID("event");
  const body = h("div", {id, class: "event-body", hidden: true});
  const button = h("button", {class: "event-line", tabindex: "-1", "aria-expanded": "false",
    "aria-controls": id, onclick: () => {
      const isOpen = body.hidden;
      if (isOpen && !body.childNodes.length) add(body, details(event));
      body.hidden = !isOpen;
      button.setAttribute("aria-expanded", String(isOpen));
    }},
  h("time", {datetime: event.timestamp}, clock(event.timestamp)),
  h("span.channel", {"data-channel": event.channel},
    named("channel", event.channel)),
  h("span.what", h("strong", words ?? (name ? data(name) : named("type", event.type))),
    !words && name && event.type !== "track" && h("span.quiet", " ", named("type", event.type)),
    " ", h("span.summary", summary(event, words))));
  return h("li.event", button, body);
}

const newer = (a, b) => a.timestamp > b.timestamp || a.timestamp === b.timestamp && a.sequence > b.sequence;

// The section for a customer at `path`; `refresh` puts in what is new.
export function timeline(path) {
  let known = [], rows = new Map(), next = null, asked = new AbortController(), timer = null;
  const list = h("ol.events", {label: t("timeline.title")});
  const status = h("p.status", {role: "status"}, t("loading"));
  const more = h("button", {hidden: true, onclick: older}, t("timeline.older"));
  const settle = roving(list, ".event-line");
  const select = (key) => {
    const label = t(`timeline.${key}`);
    return h("select", {name: key, label: label, onchange: reset}, h("option", {value: ""}, label),
      names(key).map((value) => h("option", {value}, named(key, value))));
  };
  const form = h("form.filters", {role: "search", label: t("timeline.filter"), onsubmit: (event) => {
    event.preventDefault();
    reset();
  }}, select("channel"), select("type"),
  h("input", {type: "search", name: "q", maxlength: "200", placeholder: t("timeline.words"),
    label: t("timeline.words"), oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(reset, pause);
    }}));

  function ask(cursor, reason) {
    const query = new URLSearchParams({limit: String(size)});
    for (const [name, value] of new FormData(form)) if (value.trim()) query.set(name, value.trim());
    if (cursor) query.set("cursor", cursor);
    return get(`${path}/timeline?${query}`, {reason, signal: asked.signal});
  }

  // Puts an event where its time is, below the heading of its day.
  function insert(event) {
    let at = known.length;
    while (at > 0 && newer(event, known[at - 1])) at -= 1;
    const [above, below] = [known[at - 1], known[at]];
    known.splice(at, 0, event);
    const line = row(event);
    rows.set(event.sequence, line);
    const today = day(event.timestamp);
    if (below && day(below.timestamp) === today) rows.get(below.sequence).before(line);
    else if (above && day(above.timestamp) === today) rows.get(above.sequence).after(line);
    else {
      const heading = h("li.day", h("h3", today));
      if (below) rows.get(below.sequence).previousElementSibling.before(heading, line);
      else list.append(heading, line);
    }
    return line;
  }

  function take(page) {
    const fresh = page.data.filter((event) => !rows.has(event.sequence)).map((event) => insert(event));
    settle();
    return fresh;
  }

  function tell() {
    more.hidden = !next;
    const isFiltered = [...new FormData(form).values()].some((value) => value.trim());
    status.textContent = known.length ? next ? t("timeline.shown", {n: known.length}) : t("timeline.end", {n: known.length})
      : next ? t("timeline.further") : t(isFiltered ? "timeline.nothing" : "timeline.none");
  }

  // Turns pages until one has something.
  async function turn(cursor, reason) {
    const {signal} = asked;
    for (let round = 0; round < rounds; round += 1) {
      const page = await ask(cursor, reason);
      if (signal.aborted) return [];
      next = cursor = page.next;
      const fresh = take(page);
      if (fresh.length || !cursor) return fresh;
    }
    return [];
  }

  const guarded = (work) => async () => {
    try {
      await work();
      tell();
    } catch (error) {
      if (error.name === "AbortError") return;
      expected(error);
      status.textContent = error.status === 400 ? t("timeline.wrong") : error.words;
    }
  };

  function reset() {
    clearTimeout(timer);
    asked.abort();
    asked = new AbortController();
    [known, rows, next] = [[], new Map(), null];
    list.replaceChildren();
    more.hidden = true;
    status.textContent = t("loading");
    return guarded(() => turn(null, "console"))();
  }

  function older() {
    more.disabled = true;
    return guarded(async () => {
      const fresh = await turn(next, "console");
      more.disabled = false;
      // Who pressed the button reads on where the new ones begin.
      fresh[0]?.querySelector("button").focus();
    })().finally(() => { more.disabled = false; });
  }

  const section = h("section", {id: "timeline", class: "timeline"},
    h("div.toolbar", h("h2", t("timeline.title")), form), list, status, more);
  return {section, reset, end: () => { asked.abort(); clearTimeout(timer); }, async refresh(reason) {
    const isFirst = !known.length && !next;
    try {
      if (isFirst) {
        await turn(null, reason);
      } else {
        const {signal} = asked;
        const page = await ask(null, reason);
        if (signal.aborted) return;
        for (const line of take(page)) line.classList.add("new");
      }
      tell();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }};
}
