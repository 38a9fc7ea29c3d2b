// What is written into the search field, as parameters of the API: matchers of labels and selectors
// are recognised, all else is words that must be found.

const STRING = String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`;
const NAME = "[a-zA-Z_][a-zA-Z0-9_]*";
const TOKENS = [
  ["selector", new RegExp(String.raw`^[a-zA-Z_:][a-zA-Z0-9_:]*\{(?:${STRING}|[^"'}])*\}`)],
  ["selector", new RegExp(String.raw`^\{(?:${STRING}|[^"'}])*\}`)],
  ["matcher", new RegExp(String.raw`^${NAME}\s*!?=\s*(?:${STRING})`)],
  ["bare", new RegExp(String.raw`^(${NAME})(!?=)([^\s"'=,{}]+)`)],
  ["quoted", /^"((?:[^"\\]|\\.)*)"/],
  ["word", /^[^\s,]+/],
];

function tokens(text) {
  const found = [];
  let rest = text.trim();
  while (rest) {
    for (const [kind, pattern] of TOKENS) {
      const match = pattern.exec(rest);
      if (match) {
        found.push([kind, match]);
        rest = rest.slice(match[0].length);
        break;
      }
    }
    rest = rest.replace(/^[\s,]+/, "");
  }
  return found;
}

// Pairs for the query of GET /api/v1/groups. Matchers are one selector: all must hold.
export function searchQuery(text) {
  const query = [];
  const matchers = [];
  const selectors = [];
  for (const [kind, match] of tokens(text)) {
    if (kind === "selector") selectors.push(match[0]);
    else if (kind === "matcher") matchers.push(match[0]);
    else if (kind === "bare") matchers.push(`${match[1]}${match[2]}"${match[3].replaceAll("\\", "\\\\")}"`);
    else if (kind === "quoted") query.push(["q", match[1].replace(/\\(.)/g, "$1")]);
    else query.push(["q", match[0]]);
  }
  if (matchers.length > 0) selectors.push(`{${matchers.join(",")}}`);
  const merged = mergeSelectors(selectors);
  if (merged) query.push(["match[]", merged]);
  return query;
}

// Several match[] would be a choice; what stands side by side in one field must all hold.
function mergeSelectors(selectors) {
  const parts = selectors.map((selector) => {
    const brace = selector.indexOf("{");
    const name = selector.slice(0, brace);
    const inner = selector.slice(brace + 1, -1).trim().replace(/,$/, "");
    return [name && `__name__="${name}"`, inner].filter(Boolean).join(",");
  });
  const inner = parts.filter(Boolean).join(",");
  return inner && `{${inner}}`;
}
