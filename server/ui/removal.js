// Deleting groups, and wiping the store.

import * as api from "./api.js";
import { confirm } from "./confirm.js";
import { el, notify } from "./dom.js";
import { count, plural } from "./format.js";
import { labelChips } from "./parts.js";

const NAMED = 12; // in the dialog
const AT_ONCE = 6; // requests

function named(groups) {
  const rest = groups.length - NAMED;
  return el("ul", { class: "named", tabindex: "0", "aria-label": "What goes" },
    groups.slice(0, NAMED).map((group) => el("li", {}, labelChips(group.labels), el("span", { class: "quiet" }, plural(group.series, "series", "series")))),
    rest > 0 && el("li", { class: "quiet" }, `and ${count(rest)} more`));
}

async function removeAll(groups) {
  const waiting = [...groups];
  const failed = [];
  const work = async () => {
    for (let group = waiting.shift(); group; group = waiting.shift())
      await api.remove(group.path).catch((error) => failed.push(error));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failed;
}

// Deletes groups once that is confirmed; resolves to whether anything was done.
export async function removeGroups(groups) {
  const series = groups.reduce((sum, group) => sum + group.series, 0);
  const title = groups.length === 1 ? "Delete this group?" : `Delete ${count(groups.length)} groups?`;
  const details = [named(groups),
    el("p", {}, `${plural(series, "series", "series")} will be gone from the next scrape on. A job that still pushes brings its group back.`)];
  if (!(await confirm({ title, details, action: groups.length === 1 ? "Delete group" : `Delete ${count(groups.length)} groups` })))
    return false;
  const failed = await removeAll(groups);
  if (failed.length > 0) notify(`${plural(failed.length, "group")} not deleted: ${failed[0].message}`, true);
  else notify(`Deleted ${plural(groups.length, "group")}.`);
  return true;
}

export async function wipeEverything({ total }) {
  const details = [el("p", {}, `All ${plural(total, "group")} that are stored will be deleted, those that are not shown here as well.`)];
  if (!(await confirm({ title: "Delete everything?", details, action: `Delete all ${plural(total, "group")}` }))) return false;
  try {
    await api.wipe();
    notify("Deleted all groups.");
  } catch (error) {
    notify(`Nothing was deleted: ${error.message}`, true);
  }
  return true;
}
