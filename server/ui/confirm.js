// Asks before something goes that does not come back. The dialog names what goes.

import { el } from "./dom.js";

// Resolves to whether it was confirmed; the focus goes back to where it was.
export function confirm({ title, details = [], action }) {
  return new Promise((resolve) => {
    const cancel = el("button", { type: "submit", value: "cancel", autofocus: true }, "Cancel");
    const dialog = el("dialog", { "aria-labelledby": "confirm-title" },
      el("form", { method: "dialog" },
        el("h2", { id: "confirm-title" }, title),
        ...details,
        el("div", { class: "choices" }, cancel, el("button", { type: "submit", value: "yes", class: "danger" }, action))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
