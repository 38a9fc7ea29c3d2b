// What is shown, as the address of the page: a link, a bookmark or a reload leads back to it.

const SORTS = ["key", "newest", "oldest"];

export function readState() {
  const query = new URLSearchParams(location.search);
  return {
    view: location.pathname.endsWith("/status") ? "status" : "groups",
    search: query.get("q") ?? "",
    failed: query.get("failed") === "1",
    sort: SORTS.includes(query.get("sort")) ? query.get("sort") : "key",
    after: query.get("after") ?? "",
    open: query.getAll("open"),
    before: history.state?.before, // the cursors of the pages before this one, if we came that way
  };
}

function address(state) {
  const query = new URLSearchParams();
  if (state.view === "groups") {
    if (state.search) query.set("q", state.search);
    if (state.failed) query.set("failed", "1");
    if (state.sort !== "key") query.set("sort", state.sort);
    if (state.after) query.set("after", state.after);
    for (const path of state.open) query.append("open", path);
  }
  const text = query.toString();
  return new URL((state.view === "status" ? "status" : "./") + (text && `?${text}`), new URL("./", location.href));
}

// `step`: a new entry of the history, which Back undoes.
export function writeState(state, step) {
  const kept = { before: state.before };
  if (step) history.pushState(kept, "", address(state));
  else history.replaceState(kept, "", address(state));
}
