// The same REST API as everybody's, by the session's cookie.
import {t} from "/console/words.js";

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

let onSignedOut = () => {};
export const whenSignedOut = (work) => { onSignedOut = work; };

// Once per press of a button: a retry after a lost answer counts once.
const idempotencyKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// `reason` stands in the audit of reads.
export async function call(method, path, {body, reason = "console", signal} = {}) {
  const headers = {"Throughline-Console": "1", "Throughline-Reason": reason};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const isRead = method === "GET" || path === "/v1/customers/search" || path === "/session" || body?.dryRun;
  if (!isRead) headers["Idempotency-Key"] = idempotencyKey();
  let answer;
  try {
    answer = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal,
      credentials: "same-origin", cache: "no-store", redirect: "error",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, String(error.message));
  }
  if (answer.status === 204) return null;
  const json = await answer.json().catch(() => ({}));
  if (answer.ok) return json;
  if (answer.status === 401 && path !== "/session") onSignedOut();
  throw new Problem(answer.status, json.detail ?? "", json.errors, Number(answer.headers.get("Retry-After")) || null);
}

export const get = (path, options) => call("GET", path, options);
export const post = (path, body, options) => call("POST", path, {body, ...options});

export const customerPath = (id) => `/v1/customers/${encodeURIComponent(id)}`;

// Who is looked for goes in the body: addresses end in logs.
export const search = (q, {limit = 12, cursor, signal} = {}) =>
  post("/v1/customers/search", {q, limit, ...(cursor ? {cursor} : {})}, {signal, reason: "console: search"});

// What the role may do; the server decides it again.
const deciders = ["owner", "admin", "agent"];
export const person = {name: "", role: "", hasCustomers: false};
export const mayDecide = () => deciders.includes(person.role);
