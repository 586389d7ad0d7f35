// The API's reference, made from the document that this server serves of itself.
import {h, fill, add, say} from "/console/dom.js";

const place = (id) => document.getElementById(id);
const nameOf = (reference) => reference.split("/").pop();
const operations = []; // {section, entry, words}
let api;

// `code` in a text, as the document's texts have it.
const text = (words) => words.split("`").map((part, index) => (index % 2 ? h("code", part) : part));

// MARK: Schemas

const asked = {
  format: "#", pattern: "matches #", minimum: "at least #", maximum: "at most #", minLength: "# characters or more",
  maxLength: "# characters or fewer", minItems: "# items or more", maxItems: "# items or fewer",
  minProperties: "# names or more", maxProperties: "# names or fewer",
};
const joined = {allOf: "All of", anyOf: "Any of", oneOf: "One of"};

// What a value must be, in words.
function phrase(schema) {
  const json = (value) => JSON.stringify(value);
  const parts = [];
  if ("const" in schema) parts.push(`always ${json(schema.const)}`);
  else if (schema.enum) parts.push(`one of ${schema.enum.map(json).join(", ")}`);
  else if (schema.type) parts.push([schema.type].flat().join(" or "));
  else if (!Object.keys(joined).some((key) => schema[key])) parts.push("any JSON");
  for (const [key, words] of Object.entries(asked)) {
    if (key in schema) parts.push(words.split("#").join(schema[key]));
  }
  if ("default" in schema) parts.push(`${json(schema.default)} if left out`);
  if (schema.additionalProperties === false) parts.push("no other names");
  return parts.join(", ");
}

// `trail` has the names of the schemas that this one stands in.
function shape(schema, trail = []) {
  if (schema === true) return [h("span.kind", phrase({}))];
  if (schema.$ref) {
    return [schema.description && h("p", text(schema.description)), reference(nameOf(schema.$ref), trail)];
  }
  const fields = Object.entries(schema.properties ?? {});
  const other = schema.additionalProperties;
  return [
    h("span.kind", phrase(schema)),
    schema.description && h("p", text(schema.description)),
    fields.length > 0 && h("dl.fields", fields.map(([name, inner]) => h("div",
      h("dt", h("code", name), schema.required?.includes(name) && [" ", h("span.tag", "required")]),
      h("dd", shape(inner, trail))))),
    schema.items && h("div.inner", h("span.kind", "each: "), shape(schema.items, trail)),
    other && typeof other === "object" && h("div.inner", h("span.kind", "each by its name: "), shape(other, trail)),
    Object.keys(joined).filter((key) => schema[key]).map((key) => [h("span.kind", `${joined[key]}:`),
      h("ul.choices", schema[key].map((one) => h("li", shape(one, trail))))]),
  ];
}

// A schema by its name; what is in it is built when somebody opens it, and one within itself is not opened again.
function reference(name, trail = [], isOpen = false) {
  const schema = api.components.schemas[name];
  if (!schema || trail.includes(name)) return h("p", h("code", name), schema ? " (as above)" : "");
  const inner = h("div.inner");
  const build = () => inner.firstChild || add(inner, [shape(schema, [...trail, name])]);
  if (isOpen) build();
  return h("details.schema", {open: isOpen, ontoggle: (event) => event.target.open && build()},
    h("summary", h("code", name)), inner);
}

// MARK: Who may call

const holders = {
  writeKey: "a source's write key", session: "a person who has signed in at the console",
  customer: "a customer's token, of himself", visitor: "a visitor's token, of himself",
};
const schemes = (operation) => operation.security.flatMap((one) => Object.keys(one));

function access(operation) {
  const roles = operation["x-roles"]?.join(", ");
  const who = schemes(operation).map((name) => (name === "key" ? roles && `a key of a role among ${roles}` : holders[name] ?? name));
  return h("p", h("a", {href: "#keys"}, "May call"), ": ", who.filter(Boolean).join("; ") || "anybody, without a key", ".",
    operation["x-shows-customers"] && " It shows or changes personal data, so each call is audited.");
}

// MARK: The curl line

const quoted = (value) => `'${value.replaceAll("'", "'\\''")}'`;
const capitals = (name) => name.replace(/[A-Z]/g, "_$&").toUpperCase();

function example(operation) {
  const content = Object.values(operation.requestBody?.content ?? {})[0];
  if (!content || "example" in content) return content?.example;
  const {required = []} = api.components.schemas[nameOf(content.schema.$ref)];
  return Object.fromEntries(required.map((name) => [name, name.toUpperCase()]));
}

function curl(method, path, operation) {
  const names = schemes(operation);
  const query = (operation.parameters ?? []).filter((one) => one.in === "query" && one.required)
    .map((one) => `${one.name}=${capitals(one.name)}`).join("&");
  const body = example(operation);
  const streams = operation.responses["200"]?.content?.["text/event-stream"];
  const words = ["curl", streams && "-N"];
  if (method !== "get" && !(method === "post" && body)) words.push("-X", method.toUpperCase());
  if (names.includes("writeKey")) words.push("-u", "WRITE_KEY:");
  else if (names.includes("key")) words.push("-H", quoted("Authorization: Bearer KEY"));
  else if (names.includes("session")) words.push("-b", `${api.components.securitySchemes.session.name}=SESSION`);
  else if (names.length) words.push("-H", quoted("Authorization: Bearer TOKEN"));
  if (operation.tags.includes("session") && !names.includes("key")) words.push("-H", quoted("Throughline-Console: 1"));
  const url = location.origin + path.replace(/\{(\w+)\}/g, (_, name) => capitals(name)) + (query && `?${query}`);
  const line = [...words.filter(Boolean), quoted(url)].join(" ");
  if (body === undefined) return line;
  return `${line} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(body, null, 2))}`;
}

function copyable(line, label) {
  const pre = h("pre", line);
  return h("div.try", pre, h("button", {type: "button", "aria-label": `Copy: ${label}`, onclick: async () => {
    try {
      await navigator.clipboard.writeText(line);
      say("Copied.");
    } catch { // no page may write there without TLS
      getSelection().selectAllChildren(pre);
      say("Selected: now copy it.");
    }
  }}, "Copy"));
}

// MARK: Operations

function title(method, path) {
  return [h(`span.method.${method}`, method.toUpperCase()), " ", h("code", path)];
}

function parameter({name, in: where, required, description, schema}) {
  return h("div", h("dt", h("code", name), " ", h("span.tag", where), required && [" ", h("span.tag", "required")]),
    h("dd", h("p", text(description)), shape(schema)));
}

function answer(status, {description, content = {}}) {
  const [media, {schema} = {}] = Object.entries(content)[0] ?? [];
  const isProblem = media === "application/problem+json";
  return h("div", h("dt", h("code", status)), h("dd", h("p", text(description), " ",
    isProblem ? h("a", {href: "#problem"}, "Problem") : media && h("span.kind", Object.keys(content).join(", "))),
    !isProblem && schema && (schema.$ref ? reference(nameOf(schema.$ref), [], true) : shape(schema))));
}

function describe(method, path, operation) {
  const {operationId: id, summary, parameters = [], requestBody, responses} = operation;
  const content = Object.entries(requestBody?.content ?? {});
  const section = h("section.operation", {id, "aria-labelledby": `${id}-title`},
    h("h3", {id: `${id}-title`, tabindex: "-1"}, h("a", {href: `#${id}`}, title(method, path))),
    h("p", text(summary)),
    access(operation),
    copyable(curl(method, path, operation), `${method.toUpperCase()} ${path}`),
    parameters.length > 0 && [h("h4", "Parameters"), h("dl.fields", parameters.map(parameter))],
    content.length > 0 && [h("h4", "Body"), h("p.kind", content.map(([media]) => media).join(", ")),
      reference(nameOf(content[0][1].schema.$ref), [], true)],
    h("h4", "Answers"), h("dl.fields", Object.entries(responses).map(([status, one]) => answer(status, one))));
  const entry = h("li.entry", h("a", {href: `#${id}`}, title(method, path)));
  const words = [id, method, path, summary, ...operation.tags, ...parameters.map((one) => one.name)].join(" ").toLowerCase();
  operations.push({section, entry, words});
  return {section, entry};
}

function show() {
  const byTag = new Map(api.tags.map(({name}) => [name, []]));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      byTag.get(operation.tags[0]).push(describe(method, path, operation));
    }
  }
  const tags = [...byTag];
  const contents = h("details", {open: matchMedia("(min-width: 60rem)").matches}, h("summary", "Contents"),
    h("ul", h("li", h("a", {href: "#keys"}, "Keys")), h("li", h("a", {href: "#problem"}, "Problems"))),
    tags.map(([tag, ones]) => h("div.group", h("a", {href: `#tag-${tag}`}, tag), h("ul", ones.map(({entry}) => entry)))));
  fill(place("contents"), contents);
  add(place("main"), [
    h("p", api.info.description, " Made from ", h("a", {href: "/openapi.json"}, "/openapi.json"), " (OpenAPI ", api.openapi, ")."),
    h("section", {id: "keys"}, h("h2", {tabindex: "-1"}, "Keys"), h("dl.fields",
      Object.entries(api.components.securitySchemes).map(([name, {type, scheme, description}]) => h("div",
        h("dt", h("code", name), " ", h("span.tag", scheme ?? type)), h("dd", text(description)))))),
    h("section", {id: "problem"}, h("h2", {tabindex: "-1"}, "Problems"),
      h("p", "Every refusal is ", h("code", "application/problem+json"), " and names each field and the reason."),
      reference("Problem", [], true)),
    tags.map(([tag, ones]) => h("section.group", {id: `tag-${tag}`}, h("h2", {tabindex: "-1"}, tag),
      ones.map(({section}) => section))),
  ]);
}

// MARK: Finding

// Every word must be there.
function filter() {
  const words = place("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const one of operations) {
    const isFound = words.every((word) => one.words.includes(word));
    one.section.hidden = one.entry.hidden = !isFound;
    count += isFound;
  }
  for (const group of document.querySelectorAll(".group")) {
    group.hidden = !group.querySelector(".operation:not([hidden]), .entry:not([hidden])");
  }
  for (const id of ["keys", "problem"]) place(id).hidden = words.length > 0;
  place("count").textContent = words.length ? `${count} of ${operations.length}` : `${operations.length} operations`;
}

function clear() {
  place("find").value = "";
  filter();
}

// To the place that the address names, which a filter must not hide.
function jump() {
  let id = location.hash.slice(1);
  try { id = decodeURIComponent(id); } catch { /* the address is taken as it stands */ }
  const target = id && place(id);
  if (!target) return;
  if (target.closest("[hidden]")) clear();
  target.scrollIntoView();
  (target.querySelector("h2, h3") ?? target).focus({preventScroll: true});
}

const setting = "single-keys"; // the console's own, in which they can be turned off too
const single = place("single");
single.checked = localStorage.getItem(setting) !== "off";
single.addEventListener("change", () => localStorage.setItem(setting, single.checked ? "on" : "off"));
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || !single.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === place("find")) return;
  event.preventDefault();
  place("find").focus();
});
place("find").addEventListener("input", () => {
  filter();
  scrollTo(0, 0);
});
place("find").addEventListener("keydown", (event) => event.key === "Escape" && clear());
place("find").form.addEventListener("submit", (event) => {
  event.preventDefault();
  const found = operations.find((one) => !one.section.hidden);
  if (!found) return;
  history.pushState(null, "", `#${found.section.id}`);
  jump();
});
window.addEventListener("hashchange", jump);

try {
  const answered = await fetch("/openapi.json");
  if (!answered.ok) throw new Error(`the server answered ${answered.status}`);
  api = await answered.json();
  show();
  filter();
  jump();
} catch (error) {
  add(place("main"), [h("p.error", {role: "alert"}, `The document did not come: ${error.message}. Load the page again.`)]);
}
