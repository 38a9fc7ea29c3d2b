// How values are shown.

let skew = 0; // of the server's clock against the browser's, milliseconds

export function noteServerTime(date) {
  const time = Date.parse(date ?? "");
  // The header has whole seconds: smaller differences are none.
  if (!Number.isNaN(time)) skew = Math.abs(time - Date.now()) > 1500 ? time - Date.now() : 0;
}

const two = (number) => String(number).padStart(2, "0");

// "2026-11-22 10:51:50" in the browser's zone.
export function absolute(time) {
  const t = new Date(time);
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

const units = [["s", 60], ["min", 60], ["h", 48], ["days", 730], ["years", Infinity]];
const lengths = [1, 60, 3600, 86400, 31557600];

// "3 min"
export function duration(seconds) {
  const i = units.findIndex(([, end], k) => seconds < end * lengths[k]);
  return `${Math.floor(seconds / lengths[i])} ${units[i][0]}`;
}

// "3 min ago"
export function age(time) {
  const seconds = (Date.now() + skew - time) / 1000;
  if (seconds < -1) return `in ${duration(-seconds)}`;
  return seconds < 1 ? "just now" : `${duration(seconds)} ago`;
}

const grouped = new Intl.NumberFormat("en");
export const count = (number) => grouped.format(number);
export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

// A figure for people, to three digits: 1.23 M
export function short(value) {
  const number = Number(value);
  if (!Number.isFinite(number) || number === 0) return String(value);
  const size = Math.abs(number);
  if (size >= 1e15 || size < 1e-3) return number.toExponential(2).replace(/\.?0+e/, "e");
  for (const [unit, scale] of [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e4]])
    if (size >= scale) {
      const divisor = unit === "k" ? 1e3 : scale;
      return `${Number((number / divisor).toPrecision(3))} ${unit}`;
    }
  return String(Number(number.toPrecision(4)));
}

export function bytes(value) {
  const i = Math.min(4, Math.max(0, Math.floor(Math.log2(value || 1) / 10)));
  return `${Number((value / 1024 ** i).toPrecision(3))} ${["B", "KiB", "MiB", "GiB", "TiB"][i]}`;
}

// A name as it stands in a selector: quoted unless it is a legacy one.
export const labelName = (name) => (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : JSON.stringify(name));

export function labelText(labels) {
  const texts = sorted(labels).map(([name, value]) => `${labelName(name)}="${value}"`);
  return texts.join(", ");
}

// Job first, then by name.
export function sorted(labels) {
  const order = (name) => (name === "job" ? "" : name);
  return Object.entries(labels).sort(([a], [b]) => (order(a) < order(b) ? -1 : 1));
}
