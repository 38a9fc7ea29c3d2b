// Small pieces that several views show.

import { el, notify, setText } from "./dom.js";
import { absolute, age, labelName, sorted } from "./format.js";

export function labelChips(labels) {
  return sorted(labels).map(([name, value]) =>
    el("span", { class: name === "job" ? "label job" : "label" },
      el("span", { class: "name" }, labelName(name)), '="', el("span", { class: "value" }, value), '" '));
}

// A time that grows old by itself.
export function ticking(time, withAbsolute = true) {
  const at = Date.parse(time);
  return el("span", { class: "when" },
    withAbsolute && el("span", { class: "date" }, absolute(at)), withAbsolute && " ",
    el("time", { datetime: time, title: absolute(at), "data-at": at }, age(at)));
}

export function tick() {
  for (const time of document.querySelectorAll("time[data-at]")) setText(time, age(Number(time.dataset.at)));
}

// Only a page that came over TLS or from this machine may use the newer way.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = el("textarea", { readonly: true, class: "unseen" }, text);
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser does not let us");
  return undefined;
}

// A line to be copied, with the button that does it.
export function copyable(what, text) {
  const button = el("button", { type: "button", class: "small", on: { click: press } }, "Copy",
    el("span", { class: "unseen" }, ` the line that ${what}`));
  async function press() {
    try {
      await copy(text);
      notify("Copied.");
    } catch (error) {
      notify(`Not copied: ${error.message}.`, true);
    }
    button.focus();
  }
  return el("div", { class: "copyable" }, el("code", { tabindex: "0", role: "group", "aria-label": `Line that ${what}` }, text), button);
}
