// The server's HTTP interface. Addresses are relative to the page, which stands at <prefix>/ or at
// <prefix>/status: any route prefix, and any that a proxy adds, is kept.

import { noteServerTime } from "./format.js";

const base = new URL("./", location.href);

async function ask(path, options) {
  const reply = await fetch(new URL(path, base), { cache: "no-store", ...options });
  noteServerTime(reply.headers.get("Date"));
  if (reply.ok) return reply;
  const text = await reply.text();
  let reason = text.trim() || reply.statusText;
  try {
    reason = JSON.parse(text).error ?? reason;
  } catch {
    // not every refusal is JSON
  }
  throw Object.assign(new Error(reason), { status: reply.status });
}

async function read(path, query, signal) {
  const text = new URLSearchParams(query).toString();
  const reply = await ask(text ? `${path}?${text}` : path, { signal });
  return (await reply.json()).data;
}

// A page of the list; `query` as pairs.
export const groups = (query, signal) => read("api/v1/groups", query, signal);
export const group = (path, query, signal) => read(`api/v1/groups/${path}`, query, signal);
export const status = (signal) => read("api/v1/status", [], signal);
export const ownMetrics = (signal) => read("api/v1/status/metrics", [], signal);

export const remove = (path) => ask(`metrics/${path}`, { method: "DELETE" });
export const wipe = () => ask("api/v1/admin/wipe", { method: "PUT" });

let statusOnce;
// What does not change while the server runs.
export function settings() {
  statusOnce ??= status().catch((error) => {
    statusOnce = undefined;
    throw error;
  });
  return statusOnce;
}

// Where clients reach the server: as its operator says, or else as this browser does.
export async function clientUrl() {
  const { flags } = await settings();
  return (flags["web.external-url"] || base.href).replace(/\/+$/, "").replaceAll("'", "%27");
}
