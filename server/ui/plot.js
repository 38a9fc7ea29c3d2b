// Plots as SVG.

import { el, svg } from "./dom.js";
import { short } from "./format.js";

const HEIGHT = 96;
const LEFT = 44;
const BOTTOM = 18;
const TOP = 6;

function frame(width, description, highest, ...content) {
  const bottom = HEIGHT - BOTTOM;
  return svg("svg", { class: "plot", viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": description },
    svg("line", { class: "axis", x1: LEFT, x2: width, y1: bottom, y2: bottom }),
    svg("line", { class: "grid", x1: LEFT, x2: width, y1: TOP, y2: TOP }),
    svg("text", { class: "tick", x: LEFT - 6, y: TOP + 4, "text-anchor": "end" }, short(highest)),
    svg("text", { class: "tick", x: LEFT - 6, y: bottom, "text-anchor": "end" }, "0"),
    ...content);
}

// How many of the labels below the bars fit.
function shownTicks(labels, step) {
  const longest = Math.max(...labels.map((label) => label.length));
  return Math.max(1, Math.ceil((longest * 6.2 + 8) / step));
}

// Bars side by side, one a bucket: { label, range, value }.
export function bars(buckets, what) {
  const step = Math.max(4, Math.min(34, Math.floor(560 / buckets.length)));
  const width = Math.max(160, LEFT + step * buckets.length + 10);
  const highest = Math.max(...buckets.map((bucket) => bucket.value), 0);
  const every = shownTicks(buckets.map((bucket) => bucket.label), step);
  const space = HEIGHT - BOTTOM - TOP;
  const drawn = buckets.map((bucket, i) => {
    const size = highest > 0 ? Math.max(bucket.value > 0 ? 1 : 0, (bucket.value / highest) * space) : 0;
    const x = LEFT + i * step;
    const last = buckets.length - 1;
    const ticked = (i % every === 0 && last - i >= every) || i === last;
    return svg("g", {}, svg("title", {}, `${bucket.range}: ${bucket.value}`),
      svg("rect", { class: "hit", x, y: TOP, width: step, height: space }),
      svg("rect", { class: "bar-shape", x: x + (step > 6 ? 1 : 0.5), y: HEIGHT - BOTTOM - size, width: step - (step > 6 ? 2 : 1), height: size }),
      ticked && svg("text", { class: "tick", x: x + step / 2, y: HEIGHT - 5, "text-anchor": "middle" }, bucket.label));
  });
  return el("div", { class: "plot-frame", tabindex: "0", role: "group", "aria-label": what },
    frame(width, `${what}: ${buckets.length} buckets, the fullest holds ${short(highest)}`, highest, ...drawn));
}

// A line through points [time, value].
export function line(points, what, width = 420) {
  const highest = Math.max(...points.map(([, value]) => value), 1e-9);
  const [first, last] = [points[0][0], points[points.length - 1][0]];
  const bottom = HEIGHT - BOTTOM;
  const at = ([time, value]) => {
    const x = LEFT + ((time - first) / Math.max(last - first, 1)) * (width - LEFT - 4);
    return `${x.toFixed(1)},${(bottom - (value / highest) * (bottom - TOP)).toFixed(1)}`;
  };
  const now = points[points.length - 1][1];
  return frame(width, `${what}: ${short(now)} now, ${short(highest)} at most`, highest,
    svg("polyline", { class: "line-shape", points: points.map(at).join(" ") }),
    svg("text", { class: "tick", x: LEFT, y: HEIGHT - 4 }, `${Math.round((last - first) / 1000)} s ago`),
    svg("text", { class: "tick", x: width - 2, y: HEIGHT - 4, "text-anchor": "end" }, "now"));
}
