// The same REST API as everybody's, by the session's cookie.
import {t} from "./words.js";

export class Problem extends Error {
  constructor(status, detail, errors = [], wait = null) {
    super(detail);
    Object.assign(this, {status, detail, errors, wait});
  }

  // What happened and what to do, in the person's language; what the server said stands beside it.
  get words() {
    const known = [0, 400, 401, 403, 404, 409, 410, 413, 422, 429, 503].includes(this.status);
    return t(`problem.${known ? this.status : 500}`, {n: this.wait ?? 1});
  }
}

// What is no answer of the server is a fault of the page.
export function expected(error) {
  if (!(error instanceof Problem)) throw error;
}

let onSignedOut = () => {};
export const whenSignedOut = (work) => { onSignedOut = work; };

// What had no answer keeps its key: pressed again it is the same request, and counts once.
const unanswered = new Map();
const idempotencyKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const send = (path, reason, {headers, ...rest}) => fetch(path, {
  headers: {"Throughline-Console": "1", "Throughline-Reason": reason, ...headers}, cache: "no-store", redirect: "error", ...rest});

export const listen = (path, signal) => send(path, "console: live", {signal});

// `reason` stands in the audit of reads.
export async function call(method, path, {body, reason = "console", signal} = {}) {
  const headers = {}, text = body && JSON.stringify(body);
  if (body) headers["Content-Type"] = "application/json";
  const isRead = method === "GET" || path === "/v1/customers/search" || path === "/session" || body?.dryRun;
  const deed = isRead ? null : [method, path, text].join(" ");
  if (deed) {
    if (!unanswered.has(deed)) unanswered.set(deed, idempotencyKey());
    headers["Idempotency-Key"] = unanswered.get(deed);
  }
  let answer;
  try {
    answer = await send(path, reason, {method, headers, body: text, signal});
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, String(error.message));
  }
  if (answer.status < 500) unanswered.delete(deed);
  if (answer.status === 204) return null;
  const json = await answer.json().catch(() => ({}));
  if (answer.ok) return json;
  if (answer.status === 401 && path !== "/session") onSignedOut();
  throw new Problem(answer.status, json.detail ?? "", json.errors, Number(answer.headers.get("Retry-After")) || null);
}

// A module that the first page does without.
export const load = (path) => import(path).catch((error) => { throw new Problem(0, String(error)); });

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, {body, ...options});

export const customerPath = (id) => `/v1/customers/${encodeURIComponent(id)}`;

// Who is looked for goes in the body: addresses end in logs.
export const search = (q, {limit = 12, cursor, signal} = {}) =>
  post("/v1/customers/search", {q, limit, ...(cursor ? {cursor} : {})}, {signal, reason: "console: search"});

// What the role may do; the server decides it again.
const deciders = ["owner", "admin", "agent"];
export const mayEdit = () => [...deciders, "store"].includes(person.role);
export const person = {name: "", role: "", hasCustomers: false};
export const mayDecide = () => deciders.includes(person.role);
