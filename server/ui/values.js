// The metrics of a family: numbers, summaries, histograms.

import { el } from "./dom.js";
import { labelName, short, sorted } from "./format.js";
import { ticking } from "./parts.js";
import { bars } from "./plot.js";

const number = (text) => (text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text));

function row(name, ...cells) {
  return el("tr", {}, el("th", { scope: "row" }, name), cells.map((cell) => el("td", {}, cell)));
}

function table(caption, head, rows) {
  return el("div", { class: "small-table", tabindex: "0", role: "group", "aria-label": caption },
    el("table", {}, el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows)));
}

// Seconds since 1970 are hard to read.
function timeHint(family, value) {
  const seconds = Number(value);
  if (!/_time(stamp)?(_seconds)?$/.test(family) || !(seconds > 1e9 && seconds < 1e10)) return null;
  return el("span", { class: "quiet" }, " ", ticking(new Date(seconds * 1000).toISOString(), false));
}

function plainValue(family, metric) {
  return [el("span", { class: "number" }, metric.value), timeHint(family, metric.value)];
}

function totals(metric) {
  const observations = Number(metric.count);
  const mean = Number(metric.sum) / observations;
  const pairs = [["count", metric.count], ["sum", metric.sum]];
  if (observations > 0 && Number.isFinite(mean)) pairs.push(["mean", short(mean)]);
  return el("dl", { class: "totals" }, pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { class: "number" }, value))));
}

function summary(metric) {
  const quantiles = Object.entries(metric.quantiles).sort(([a], [b]) => number(a) - number(b));
  return [totals(metric),
    quantiles.length > 0 && table("Quantiles", ["quantile", "value"], quantiles.map(([quantile, value]) => row(quantile, value)))];
}

// Classic buckets hold all that is smaller, too: what each adds is what can be seen.
function classic(metric) {
  const buckets = Object.entries(metric.buckets).sort(([a], [b]) => number(a) - number(b));
  if (buckets.length === 0) return null;
  if (buckets[buckets.length - 1][0] !== "+Inf") buckets.push(["+Inf", metric.count]);
  const parts = buckets.map(([bound, total], i) => ({
    label: bound,
    range: `${i > 0 ? `${buckets[i - 1][0]} to ` : "up to "}${bound}`,
    total,
    value: Number(total) - (i > 0 ? Number(buckets[i - 1][1]) : 0),
  }));
  return el("div", { class: "distribution" }, bars(parts, "Buckets"),
    table("Buckets", ["≤", "in the bucket", "up to here"], parts.map((part) => row(part.label, String(part.value), part.total))));
}

const ends = [["(", "]"], ["[", ")"], ["(", ")"], ["[", "]"]];

function native(metric) {
  if (metric.native_buckets.length === 0) return null;
  const parts = metric.native_buckets.map(([boundaries, lower, upper, total]) => ({
    label: short(number(upper)),
    range: `${ends[boundaries][0]}${lower}, ${upper}${ends[boundaries][1]}`,
    total,
    value: Number(total),
  }));
  return el("div", { class: "distribution" }, bars(parts, "Native buckets"),
    table("Native buckets", ["native bucket", "holds"], parts.map((part) => row(part.range, part.total))));
}

function histogram(metric) {
  return [totals(metric), metric.native_buckets && native(metric), metric.buckets && classic(metric)];
}

export const isPlain = (metric) => "value" in metric;

export function value(family, metric) {
  if (isPlain(metric)) return plainValue(family, metric);
  return metric.quantiles ? summary(metric) : histogram(metric);
}

// The labels that a metric has besides those of its group, which all of them have.
function ownLabels(metric, group) {
  return sorted(metric.labels).filter(([name, text]) => !(name in group.labels) && !(name === "instance" && text === ""));
}

export const hasOwnLabels = (metric, group) => ownLabels(metric, group).length > 0;

export function metricRow(family, metric, group) {
  const labels = ownLabels(metric, group).map(([name, text]) => [el("span", { class: "name" }, labelName(name)), '="', el("span", { class: "value" }, text), '"']);
  const texts = labels.flatMap((label, i) => (i > 0 ? [", ", ...label] : label));
  return el("tr", {}, el("th", { scope: "row", class: "labels" }, labels.length > 0 ? texts : el("span", { class: "quiet" }, "no further labels")),
    el("td", { class: isPlain(metric) ? "plain" : "" }, value(family, metric)));
}
