// What is shown of a group once it is opened: its times, its families, lines for the shell.

import * as api from "./api.js";
import { el, notify } from "./dom.js";
import { count, labelText, plural } from "./format.js";
import { copyable, ticking } from "./parts.js";
import { hasOwnLabels, isPlain, metricRow, value } from "./values.js";

const FAMILIES = 50; // at a time
const METRICS = 30; // of a family, at first
const MORE = 500; // and when more are asked for

// The families of a group that every group has and nobody pushed.
const MADE_UP = ["push_failure_time_seconds", "push_time_seconds"];

function head(group, remove) {
  const failed = !group.last_push_successful;
  const times = [
    ["Last push", group.push_time ? ticking(group.push_time) : "never succeeded"],
    group.push_failure_time && [failed ? "Last push failed" : "Last failed push", ticking(group.push_failure_time)],
    ["Holds", `${plural(group.series, "series", "series")} in ${plural(group.metric_families, "family", "families")}`],
  ].filter(Boolean);
  return el("div", { class: "facts" },
    el("dl", {}, times.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    el("button", { type: "button", class: "danger", on: { click: remove } }, "Delete group…"));
}

async function shellLines(group) {
  const url = `'${await api.clientUrl()}/metrics/${group.path}'`;
  return el("div", { class: "shell" },
    copyable("pushes to this group", `echo 'some_metric 3.14' | curl --data-binary @- ${url}`),
    copyable("deletes this group", `curl -X DELETE ${url}`));
}

// Behind a family's metrics: how to see those that are not shown.
function moreOf(family, group, section) {
  const left = family.series - family.metrics.length;
  if (left <= 0) return null;
  const shown = family.metrics.length;
  const next = Math.min(left, MORE);
  return el("button", { type: "button", class: "more", on: { click: load } }, `Show ${count(next)} more of ${plural(family.series, "series", "series")}`);
  async function load() {
    try {
      const data = await api.group(group.path, [["family", family.name], ["metrics", shown + next]]);
      if (data.families[0]) section.replaceWith(familySection(data.families[0], group));
    } catch (error) {
      notify(`Not loaded: ${error.message}`, true);
    }
  }
}

function metricsTable(family, group) {
  return el("div", { class: "wide", tabindex: "0", role: "group", "aria-label": `Metrics of ${family.name}` },
    el("table", { class: "metrics" }, el("caption", { class: "unseen" }, family.name),
      el("thead", { class: "unseen" }, el("tr", {}, el("th", { scope: "col" }, "Labels"), el("th", { scope: "col" }, "Value"))),
      el("tbody", {}, family.metrics.map((metric) => metricRow(family.name, metric, group)))));
}

// A single metric that says no more than its group needs no table around it.
function familySection(family, group) {
  const alone = family.series === 1 && family.metrics[0] && !hasOwnLabels(family.metrics[0], group) ? family.metrics[0] : null;
  const inline = alone && isPlain(alone);
  const section = el("section", { class: "family" },
    el("header", {},
      el("h3", {}, family.name), el("span", { class: "type" }, family.type.toLowerCase().replace("_", " ")),
      family.unit && el("span", { class: "type" }, family.unit),
      inline && el("span", { class: "inline-value" }, value(family.name, alone)),
      !alone && el("span", { class: "quiet" }, plural(family.series, "series", "series")),
      el("span", { class: "pushed quiet" }, "pushed ", ticking(family.time_stamp, false))),
    family.help && el("p", { class: "help" }, family.help),
    alone && !inline && value(family.name, alone),
    !alone && metricsTable(family, group));
  const more = moreOf(family, group, section);
  if (more) section.append(more);
  return section;
}

function madeUpLast(families) {
  const isMadeUp = (family) => MADE_UP.includes(family.name);
  return [...families.filter((family) => !isMadeUp(family)), ...families.filter(isMadeUp)];
}

function moreFamilies(group, after, panel) {
  const button = el("button", { type: "button", class: "more", on: { click: load } }, `Show more of ${plural(group.metric_families, "family", "families")}`);
  async function load() {
    try {
      const data = await api.group(group.path, [["limit", FAMILIES], ["metrics", METRICS], ["after", after]]);
      button.replaceWith(...data.families.map((family) => familySection(family, group)),
        data.next ? moreFamilies(group, data.next, panel) : "");
    } catch (error) {
      notify(`Not loaded: ${error.message}`, true);
    }
  }
  return button;
}

// Loads a group and makes its panel's content.
export async function loadDetail(path, remove) {
  const group = await api.group(path, [["limit", FAMILIES], ["metrics", METRICS]]);
  const panel = el("div", { class: "detail" });
  panel.append(el("h2", { class: "unseen" }, `Group ${labelText(group.labels)}`), head(group, () => remove(group)), await shellLines(group),
    ...(group.next ? group.families : madeUpLast(group.families)).map((family) => familySection(family, group)));
  if (group.next) panel.append(moreFamilies(group, group.next, panel));
  return panel;
}
