// The server itself: figures that change, what it was built from, its flags.

import * as api from "./api.js";
import { el } from "./dom.js";
import { absolute, bytes, count, duration, short } from "./format.js";
import { copyable, ticking } from "./parts.js";
import { line } from "./plot.js";

const KEPT = 120; // points of a plot

const history = { pushes: [], memory: [] };
let last; // { time, pushes }
let parts;

// --- Figures -----------------------------------------------------------------------------------------

function byName(families) {
  const found = new Map(families.map((family) => [family.name, family.metrics]));
  const metrics = (name) => found.get(name) ?? [];
  return {
    metrics,
    value: (name) => Number(metrics(name)[0]?.value ?? 0),
    sum: (name, fits = () => true) => metrics(name).filter((metric) => fits(metric.labels)).reduce((sum, metric) => sum + Number(metric.value), 0),
  };
}

function remember(points, time, value) {
  points.push([time, value]);
  if (points.length > KEPT) points.shift();
}

// Pushes a second since the last time we asked.
function pushRate(own, time) {
  const pushes = own.sum("pushgateway_http_requests_total", (labels) => labels.handler === "push");
  const rate = last && time > last.time && pushes >= last.pushes ? ((pushes - last.pushes) * 1000) / (time - last.time) : undefined;
  last = { time, pushes };
  return rate;
}

// To be called now and then, whatever is shown: the plots go back to the opening of the page.
export async function sample() {
  const own = byName(await api.ownMetrics());
  const time = Date.now();
  const rate = pushRate(own, time);
  if (rate !== undefined) remember(history.pushes, time, rate);
  remember(history.memory, time, own.value("process_resident_memory_bytes"));
  return own;
}

function tile(name, value, note) {
  return el("div", { class: "tile" }, el("dt", {}, name), el("dd", {}, el("span", { class: "figure" }, value), note && el("span", { class: "quiet" }, note)));
}

function lastFlush(own, flags) {
  if (!flags["persistence.file"]) return tile("Saved", "never", "no --persistence.file");
  const time = own.value("pushgateway_persistence_last_success_timestamp_seconds");
  const failures = own.value("pushgateway_persistence_failures_total");
  const note = failures > 0 ? `${count(failures)} failed` : `took ${short(own.value("pushgateway_persistence_duration_seconds"))} s`;
  return tile("Saved", time ? ticking(new Date(time * 1000).toISOString(), false) : "not yet", time || failures ? note : "nothing to save");
}

function tiles(own, flags, failed) {
  const rate = history.pushes.length > 0 ? `${short(history.pushes[history.pushes.length - 1][1])} / s` : "–";
  const lag = own.metrics("pushgateway_loop_lag_seconds")[0]?.quantiles?.["0.99"];
  return el("dl", { class: "tiles" },
    tile("Groups", count(own.value("pushgateway_groups")), failed > 0 ? `${count(failed)} failed last` : ""),
    tile("Series", count(own.value("pushgateway_series")), `in ${count(own.value("pushgateway_metric_families"))} families`),
    tile("Memory", bytes(own.value("process_resident_memory_bytes")), "resident"),
    tile("Pushes", rate, `${count(last.pushes)} since the start`),
    tile("Connections", count(own.value("pushgateway_connections")), `of ${count(own.value("process_max_fds"))} descriptors`),
    lastFlush(own, flags),
    tile("CPU", `${short(own.value("process_cpu_seconds_total"))} s`, lag && lag !== "NaN" ? `loop lag p99 ${short(Number(lag) * 1000)} ms` : ""));
}

function rejections(own) {
  const reasons = own.metrics("pushgateway_rejected_pushes_total").filter((metric) => Number(metric.value) > 0);
  if (reasons.length === 0) return el("p", { class: "quiet" }, "None since the start.");
  return rowsTable("Rejected pushes", reasons.map((metric) => [metric.labels.reason, count(Number(metric.value))]));
}

function plots() {
  const drawn = [];
  if (history.pushes.length > 1) drawn.push(el("figure", {}, el("figcaption", {}, "Pushes a second"), line(history.pushes, "Pushes a second")));
  if (history.memory.length > 1) drawn.push(el("figure", {}, el("figcaption", {}, "Resident memory, MiB"), line(history.memory.map(([time, value]) => [time, value / 2 ** 20]), "Resident memory in MiB")));
  return drawn.length > 0 ? drawn : [el("p", { class: "quiet" }, "Plots begin with the next refresh.")];
}

// --- What does not change ----------------------------------------------------------------------------

function rowsTable(caption, rows) {
  return el("div", { class: "wide", tabindex: "0", role: "group", "aria-label": caption },
    el("table", { class: "facts-table" }, el("caption", { class: "unseen" }, caption),
      el("tbody", {}, rows.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value))))));
}

const BUILD = [["version", "Version"], ["revision", "Revision"], ["branch", "Branch"], ["buildUser", "Built by"], ["buildDate", "Built at"], ["goVersion", "Compiler"]];

function card(title, ...content) {
  return el("section", { class: "card" }, el("h2", {}, title), ...content);
}

async function help() {
  const url = await api.clientUrl();
  const path = "/metrics/job/some_job/instance/some_instance";
  return card("How to push",
    copyable("pushes a metric", `echo 'some_metric 3.14' | curl --data-binary @- '${url}${path}'`),
    copyable("deletes the group", `curl -X DELETE '${url}${path}'`),
    el("p", {}, "PUT instead of POST replaces all that the group held. Let Prometheus scrape with ", el("code", {}, "honor_labels: true"), "."));
}

async function build() {
  const { build_information: built, flags, start_time: started } = await api.settings();
  parts = { tiles: el("div"), plots: el("div", { class: "plots" }), rejections: el("div"), flags };
  const since = Date.parse(started);
  document.getElementById("status").append(
    parts.tiles,
    el("div", { class: "cards" },
      card("Since the page was opened", parts.plots),
      card("Rejected pushes", parts.rejections),
      card("Runtime", rowsTable("Runtime", [["Started", absolute(since)], ["Runs for", duration((Date.now() - since) / 1000)], ...BUILD.map(([key, name]) => [name, built[key]])])),
      await help(),
      card("Flags", rowsTable("Flags", Object.entries(flags).map(([name, value]) => [`--${name}`, value || "–"])))));
}

export async function refresh() {
  const own = await sample();
  const { groups_failed: failed } = await api.groups([["limit", 1]]);
  if (!parts) await build();
  parts.tiles.replaceChildren(tiles(own, parts.flags, failed));
  parts.plots.replaceChildren(...plots());
  parts.rejections.replaceChildren(rejections(own));
}
