// The list of groups: a page at a time, searched, selected, opened in place.

import * as api from "./api.js";
import { loadDetail } from "./detail.js";
import { arrange, el, notify, setText } from "./dom.js";
import { count, labelText, plural } from "./format.js";
import { labelChips, ticking } from "./parts.js";
import { removeGroups, wipeEverything } from "./removal.js";
import { searchQuery } from "./search.js";

const PAGE = 50; // groups
const TYPING = 200; // ms without a key before it is searched
const COLLECTED = 1000; // groups a request, when all that match are selected
const SELECTED_MAX = 20000;

let state;
let change; // tells the page that the state has changed
let rows = new Map(); // path -> row
let data; // the page last received
let matched; // how many groups match, if that is known
let selected = new Map(); // path -> group
let asking; // the request under way
let parts;

// --- A row -------------------------------------------------------------------------------------------

function makeRow(group) {
  const row = { group, item: el("li", { class: "group" }), shownTime: null };
  row.select = el("input", { type: "checkbox", on: { change: () => select(row) } });
  row.labels = el("span", { class: "labels" });
  row.failed = el("span", { class: "badge", hidden: true }, "last push failed");
  row.button = el("button", { type: "button", class: "open", "aria-expanded": "false", on: { click: () => toggle(row) } },
    el("span", { class: "turn", "aria-hidden": "true" }), row.labels, row.failed);
  row.series = el("span", { class: "series" });
  row.pushed = el("span", { class: "pushed" });
  row.remove = el("button", { type: "button", class: "small quiet-button", title: "Delete this group", on: { click: () => removeThese([row.group]) } }, "Delete",
    el("span", { class: "unseen" }, ` group ${labelText(group.labels)}`));
  row.select.setAttribute("aria-label", `Select group ${labelText(group.labels)}`);
  row.labels.append(...labelChips(group.labels));
  row.item.append(el("div", { class: "row" }, row.select, row.button, row.series, row.pushed, row.remove));
  return row;
}

function updateRow(row, group) {
  row.group = group;
  row.failed.hidden = group.last_push_successful;
  row.item.classList.toggle("failing", !group.last_push_successful);
  setText(row.series, plural(group.series, "series", "series"));
  if (row.shownTime !== group.push_time) {
    row.shownTime = group.push_time;
    row.pushed.replaceChildren(group.push_time ? ticking(group.push_time) : "never");
  }
  row.select.checked = selected.has(group.path);
  const wanted = state.open.includes(group.path);
  if (wanted && row.version !== versionOf(group)) open(row);
  else if (!wanted && row.panel) close(row);
}

// Changes with every push.
const versionOf = (group) => `${group.push_time} ${group.push_failure_time}`;

let panels = 0;

async function open(row) {
  const version = versionOf(row.group);
  row.version = version;
  row.button.setAttribute("aria-expanded", "true");
  row.item.classList.add("opened");
  if (!row.panel) {
    row.panel = el("div", { class: "panel", id: `panel-${++panels}`, role: "region", "aria-label": `Group ${labelText(row.group.labels)}` }, el("p", { class: "quiet" }, "Loading…"));
    row.button.setAttribute("aria-controls", row.panel.id);
    row.item.append(row.panel);
  }
  const content = await loadDetail(row.group.path, () => removeThese([row.group]))
    .catch((error) => el("p", { class: "quiet" }, error.status === 404 ? "This group is gone." : `Not loaded: ${error.message}`));
  if (row.panel && row.version === version) replaceContent(row.panel, content);
}

// A refreshed panel keeps the focus, if it was on something that is still there.
function replaceContent(panel, content) {
  const focused = panel.contains(document.activeElement) ? document.activeElement : null;
  const place = focused ? [...panel.querySelectorAll("button, [tabindex]")].indexOf(focused) : -1;
  panel.replaceChildren(content);
  if (place >= 0) [...panel.querySelectorAll("button, [tabindex]")][place]?.focus();
}

function close(row) {
  row.button.setAttribute("aria-expanded", "false");
  row.button.removeAttribute("aria-controls");
  row.item.classList.remove("opened");
  row.panel?.remove();
  row.panel = row.version = undefined;
}

function toggle(row) {
  const path = row.group.path;
  const opened = state.open.includes(path);
  change({ open: opened ? state.open.filter((other) => other !== path) : [...state.open, path] }, { step: true });
  updateRow(row, row.group);
}

// --- Selecting and deleting --------------------------------------------------------------------------

function select(row) {
  if (row.select.checked) selected.set(row.group.path, row.group);
  else selected.delete(row.group.path);
  showSelection();
}

function selectPage() {
  const all = parts.all.checked;
  for (const row of rows.values()) {
    row.select.checked = all;
    if (all) selected.set(row.group.path, row.group);
    else selected.delete(row.group.path);
  }
  showSelection();
}

function clearSelection() {
  selected.clear();
  for (const row of rows.values()) row.select.checked = false;
  showSelection();
  parts.all.focus();
}

// Selects every group that matches, on whatever page.
async function selectMatching() {
  try {
    for (let after = ""; selected.size < SELECTED_MAX;) {
      const part = await api.groups([["limit", COLLECTED], ...filterQuery(), ...(after ? [["after", after]] : [])]);
      for (const group of part.groups) selected.set(group.path, group);
      after = part.next;
      if (!after) break;
    }
  } catch (error) {
    notify(`Not all selected: ${error.message}`, true);
  }
  for (const row of rows.values()) row.select.checked = selected.has(row.group.path);
  showSelection();
}

function showSelection() {
  const onPage = [...rows.keys()].filter((path) => selected.has(path)).length;
  parts.all.checked = rows.size > 0 && onPage === rows.size;
  parts.all.indeterminate = onPage > 0 && onPage < rows.size;
  parts.selection.hidden = selected.size === 0;
  setText(parts.selectedCount, `${plural(selected.size, "group")} selected`);
  const wholePage = parts.all.checked && matched > selected.size;
  parts.matching.hidden = !wholePage;
  setText(parts.matching, `Select all ${count(Math.min(matched ?? 0, SELECTED_MAX))} that match`);
}

async function removeThese(groups) {
  if (!(await removeGroups(groups))) return;
  for (const group of groups) selected.delete(group.path);
  change({ open: state.open.filter((path) => !groups.some((group) => group.path === path)) });
  await refresh({ recount: true }).catch(report);
  if (document.activeElement === document.body) parts.search.focus();
}

async function wipe() {
  if (!(await wipeEverything({ total: data.groups_total }))) return;
  selected.clear();
  change({ open: [], after: "", before: undefined });
  await refresh({ recount: true }).catch(report);
  parts.search.focus();
}

// --- The list ----------------------------------------------------------------------------------------

function filterQuery() {
  return [...searchQuery(state.search), ...(state.failed ? [["failed", 1]] : [])];
}

function explainEmpty() {
  if (data.groups_total === 0) return [el("p", {}, "Nothing has been pushed yet."), parts.firstSteps];
  return [el("p", {}, state.after ? "No group is left on this page." : "No group matches.")];
}

function showGroups() {
  const shown = new Map();
  for (const group of data.groups) {
    const row = rows.get(group.path) ?? makeRow(group);
    shown.set(group.path, row);
  }
  rows = shown;
  for (const group of data.groups) updateRow(rows.get(group.path), group);
  arrange(parts.list, [...rows.values()].map((row) => row.item));
  parts.list.hidden = rows.size === 0;
  parts.columns.hidden = rows.size === 0;
  parts.empty.hidden = rows.size > 0;
  if (rows.size === 0) parts.empty.replaceChildren(...explainEmpty());
}

function showCounts() {
  const page = state.before?.length ?? (state.after ? undefined : 0);
  const first = page === undefined ? undefined : page * PAGE + 1;
  const filtered = filterQuery().length > 0;
  const of = matched === undefined ? "" : ` of ${count(matched)}`;
  const range = first === undefined ? plural(rows.size, "group") : `${count(first)}–${count(first + rows.size - 1)}`;
  const stored = filtered ? `, ${count(data.groups_total)} stored` : "";
  setText(parts.counts, rows.size === 0 ? `${plural(data.groups_total, "group")} stored` : `${range}${of}${stored}`);
  setText(parts.failedCount, count(data.groups_failed));
  parts.failed.classList.toggle("alarming", data.groups_failed > 0);
  parts.first.disabled = !state.after;
  parts.previous.disabled = !state.before?.length;
  parts.next.disabled = !data.next;
  parts.wipe.disabled = data.groups_total === 0;
}

// Asks for the page anew. Counting what matches looks at every group, so that is done when the
// search changes and not at each refresh.
export async function refresh({ recount = false } = {}) {
  asking?.abort();
  const mine = (asking = new AbortController());
  const filter = filterQuery();
  const counts = !state.after && (recount || filter.length === 0);
  const query = [["limit", PAGE], ["sort", state.sort], ...filter, ...(counts ? [["count", 1]] : []), ...(state.after ? [["after", state.after]] : [])];
  try {
    const received = await api.groups(query, mine.signal);
    if (mine !== asking) return;
    data = received;
    if (data.matched !== undefined && !state.after) matched = data.matched;
    parts.refused.hidden = true;
    showGroups();
    showCounts();
    showSelection();
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error.status !== 400) throw error;
    parts.refused.hidden = false;
    setText(parts.refused, error.message);
  }
}

// Another list than before: from its beginning, counted anew.
function relist(changes, options) {
  matched = undefined;
  selected.clear();
  change({ after: "", before: undefined, ...changes }, options);
  parts.list.setAttribute("aria-busy", "true");
  refresh({ recount: true }).catch(report).finally(() => parts.list.removeAttribute("aria-busy"));
}

function turn(changes) {
  change(changes, { step: true });
  refresh().then(() => {
    window.scrollTo({ top: 0 });
    rows.values().next().value?.button.focus();
  }).catch(report);
}

const report = (error) => notify(`The server does not answer: ${error.message}`, true);

const nextPage = () => turn({ after: data.next, before: state.before || !state.after ? [...(state.before ?? []), state.after] : undefined });
const previousPage = () => turn({ after: state.before[state.before.length - 1], before: state.before.slice(0, -1) });
const firstPage = () => turn({ after: "", before: undefined });

// --- The keyboard ------------------------------------------------------------------------------------

function move(from, by) {
  const all = [...rows.values()];
  const at = all.findIndex((row) => row.item.contains(from));
  all[Math.min(all.length - 1, Math.max(0, at + by))]?.button.focus();
}

// In the list only, so that no letter is taken from anybody who types.
function listKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !event.target.classList.contains("open")) return;
  const row = [...rows.values()].find((one) => one.button === event.target);
  if (event.key === "j" || event.key === "ArrowDown") move(event.target, 1);
  else if (event.key === "k" || event.key === "ArrowUp") move(event.target, -1);
  else if (event.key === "x") row.select.click();
  else if (event.key === "Delete") removeThese(selected.size > 0 ? [...selected.values()] : [row.group]);
  else return;
  event.preventDefault();
}

function pageKey(event) {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing || state.view !== "groups" || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  parts.search.focus();
  parts.search.select();
}

// --- Building the view -------------------------------------------------------------------------------

function sortChooser() {
  const options = [["key", "By job and labels"], ["newest", "Newest push first"], ["oldest", "Oldest push first"]];
  return el("select", { id: "sort", on: { change: () => relist({ sort: parts.sort.value }, { step: true }) } },
    options.map(([value, text]) => el("option", { value }, text)));
}

function button(text, press, attributes = {}) {
  return el("button", { type: "button", ...attributes, on: { click: press } }, text);
}

async function showFirstSteps() {
  const url = `${await api.clientUrl()}/metrics/job/some_job`;
  parts.firstSteps.textContent = `echo 'some_metric 3.14' | curl --data-binary @- '${url}'`;
}

async function showWipe() {
  const { flags } = await api.settings();
  parts.wipe.hidden = flags["web.enable-admin-api"] !== "true";
}

function buildParts() {
  const failedCount = el("span", { class: "number" }, "0");
  return {
    search: document.getElementById("q"),
    sort: sortChooser(),
    failedCount,
    failed: el("button", { type: "button", class: "toggle", "aria-pressed": "false", on: { click: () => relist({ failed: !state.failed }, { step: true }) } }, "Failed ", failedCount),
    counts: el("span", { class: "counts", role: "status" }),
    first: button("First", firstPage, { disabled: true }),
    previous: button("Previous", previousPage, { disabled: true }),
    next: button("Next", nextPage, { disabled: true }),
    wipe: button("Delete everything…", wipe, { class: "danger", hidden: true }),
    refused: el("p", { class: "refused", role: "alert", hidden: true }),
    all: el("input", { type: "checkbox", "aria-label": "Select all groups on this page", on: { change: selectPage } }),
    selectedCount: el("strong", {}),
    matching: button("", selectMatching),
    list: el("ul", { class: "groups", "aria-label": "Groups", on: { keydown: listKey } }),
    empty: el("div", { class: "empty", hidden: true }),
    firstSteps: el("pre", { class: "steps", tabindex: "0" }),
  };
}

export function start(initial, onChange) {
  state = initial;
  change = onChange;
  parts = buildParts();
  parts.selection = el("div", { class: "selection", role: "group", "aria-label": "Selected groups", hidden: true },
    parts.selectedCount, button("Delete selected…", () => removeThese([...selected.values()]), { class: "danger" }), parts.matching, button("Clear", clearSelection));
  parts.columns = el("div", { class: "row columns", hidden: true },
    parts.all, el("span", { "aria-hidden": "true" }, "Group"), el("span", { class: "series", "aria-hidden": "true" }, "Holds"), el("span", { class: "pushed", "aria-hidden": "true" }, "Last push"), el("span"));
  const form = document.getElementById("search");
  form.querySelector("button").remove();
  form.append(parts.failed, el("label", { class: "unseen", for: "sort" }, "Order"), parts.sort);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    relist({ search: parts.search.value });
  });
  let timer;
  parts.search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => relist({ search: parts.search.value }), TYPING);
  });
  const pager = el("nav", { class: "pager", "aria-label": "Pages" }, parts.first, parts.previous, parts.next);
  document.getElementById("groups").append(
    el("div", { class: "over" }, parts.counts, parts.selection, el("span", { class: "space" }), parts.wipe, pager),
    parts.refused, parts.columns, parts.list, parts.empty,
    el("p", { class: "keys" }, el("kbd", {}, "/"), " search ", el("kbd", {}, "j"), " ", el("kbd", {}, "k"), " move ", el("kbd", {}, "Enter"), " open ", el("kbd", {}, "x"), " select"));
  document.addEventListener("keydown", pageKey);
  showFirstSteps().catch(() => {});
  showWipe().catch(() => {});
}

// Shows another state: at the start, or when the history is walked.
export function show(now, { relisted }) {
  state = now;
  if (parts.search.value !== state.search && document.activeElement !== parts.search) parts.search.value = state.search;
  parts.sort.value = state.sort;
  parts.failed.setAttribute("aria-pressed", String(state.failed));
  if (relisted) {
    matched = undefined;
    return refresh({ recount: true });
  }
  for (const row of rows.values()) updateRow(row, row.group);
  return undefined;
}

// Whether a refresh would get in somebody's way.
export const isBusy = () => Boolean(document.querySelector("dialog[open]"));
