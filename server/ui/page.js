// The page: which view is shown, the address, and when it is refreshed.

import { el, notify } from "./dom.js";
import * as groups from "./groups.js";
import { readState, writeState } from "./location.js";
import { tick } from "./parts.js";
import * as status from "./status.js";

const EVERY = 5000; // ms between two refreshes
const AGAIN = 2000; // and until a server that does not answer is asked again

let state = readState();
let paused = sessionStorage.getItem("paused") === "yes";
let refreshed = Date.now();

function change(changes, { step = false } = {}) {
  state = { ...state, ...changes };
  writeState(state, step);
  groups.show(state, { relisted: false });
}

// --- Views -------------------------------------------------------------------------------------------

const titles = { groups: "Prometheus Pushgateway", status: "Status – Prometheus Pushgateway" };

function showView() {
  document.title = titles[state.view];
  for (const name of ["groups", "status"]) document.getElementById(name).hidden = state.view !== name;
  for (const link of document.querySelectorAll("nav a[data-view]")) {
    if (link.dataset.view === state.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function refresh() {
  return state.view === "status" ? status.refresh() : groups.refresh();
}

function goTo(now) {
  const relisted = ["search", "failed", "sort", "after"].some((key) => now[key] !== state[key]) || now.view !== state.view;
  state = now;
  showView();
  const shown = groups.show(state, { relisted: relisted && state.view === "groups" });
  return state.view === "status" ? status.refresh() : shown;
}

function follow(event) {
  const link = event.target.closest("a[data-view]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const before = { ...state };
  const view = link.dataset.view;
  const now = view === before.view ? { ...before, search: "", failed: false, sort: "key", after: "", open: [], before: undefined } : { ...before, view };
  writeState(now, true);
  if (now.search !== before.search) document.getElementById("q").value = now.search;
  attempt(() => goTo(now));
}

// --- Refreshing --------------------------------------------------------------------------------------

const pause = el("button", { type: "button", on: { click: togglePause } });
const freshness = el("span", { class: "quiet" });

function showPause() {
  pause.textContent = paused ? "Resume" : "Pause";
  pause.setAttribute("aria-label", paused ? "Resume refreshing" : "Pause refreshing");
  freshness.textContent = paused ? "paused" : "live";
  document.getElementById("live").classList.toggle("paused", paused);
}

function togglePause() {
  paused = !paused;
  sessionStorage.setItem("paused", paused ? "yes" : "no");
  showPause();
  if (!paused) attempt(refresh);
}

let failing = false;

async function attempt(work) {
  refreshed = Date.now();
  try {
    await work();
    failing = false;
    showPause();
  } catch (error) {
    if (!failing) notify(`The server does not answer: ${error.message}`, true);
    failing = true;
    freshness.textContent = "no answer";
  }
  refreshed = Date.now();
  document.documentElement.dataset.refreshed = String(refreshed); // for whoever waits for it
}

function everySecond() {
  tick();
  if (paused || document.hidden || groups.isBusy() || Date.now() - refreshed < (failing ? AGAIN : EVERY)) return;
  attempt(refresh);
  if (state.view !== "status") status.sample().catch(() => {}); // its plots go on
}

function start() {
  document.getElementById("live").append(freshness, pause);
  showPause();
  document.querySelector(".bar").addEventListener("click", follow);
  addEventListener("popstate", () => attempt(() => goTo(readState())));
  groups.start(state, change);
  showView();
  attempt(() => (state.view === "status" ? status.refresh() : groups.show(state, { relisted: true })));
  if (state.view !== "status") status.sample().catch(() => {});
  setInterval(everySecond, 1000);
}

start();
