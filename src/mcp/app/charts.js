import { clock, el, short, svg, tip } from "./dom.js";

const colors = ["var(--blue)", "var(--orange)", "var(--green)", "var(--purple)"];
const dashes = ["", "6 3", "2 3", "8 3 2 3"];
const height = 130;
const pad = { left: 42, right: 8, top: 8, bottom: 20 };

/**
 * One chart: lines over time, the incident's window shaded, its onset marked. Hover reads values;
 * dragging zooms every chart and the timeline, a double click goes back.
 */
export function chartOf(item, scene, width) {
  const { chart } = item;
  const x = timeScale(scene.span, width);
  const lines = chart.lines.slice(0, colors.length);
  const y = valueScale(lines, scene.span);
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    height,
    role: "img",
    "aria-label": `${chart.title}. ${item.statement}`,
  });
  picture.append(...background(scene, x, width), ...axis(y, x, scene, width));
  lines.forEach((line, index) => {
    picture.append(
      svg("path", {
        d: pathOf(line, scene.span, x, y),
        fill: "none",
        stroke: colors[index],
        "stroke-width": 1.6,
        "stroke-dasharray": dashes[index],
      }),
    );
  });
  addPointer(picture, lines, scene, x, chart.unit);
  const unit = chart.unit && chart.unit !== "1" ? ` (${chart.unit})` : "";
  return el(
    "div",
    { class: "chart" },
    el("div", { class: "row" }, el("strong", {}, `${item.id} ${chart.title}${unit}`)),
    picture,
    lines.length > 1 ? legend(lines) : null,
  );
}

/** Pixels for times of `span`, both ways. */
export function timeScale(span, width) {
  const from = pad.left;
  const to = width - pad.right;
  const perMs = (to - from) / Math.max(1, span.to - span.from);
  return {
    of: (at) => from + (at - span.from) * perMs,
    at: (pixel) => span.from + (pixel - from) / perMs,
    from,
    to,
  };
}

/** Five or fewer round times within `span`. */
export function ticks(span, width) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080];
  const wanted = Math.max(2, Math.min(6, Math.floor(width / 90)));
  const minutes = (span.to - span.from) / 60_000;
  const step = (steps.find((candidate) => minutes / candidate <= wanted) ?? 10080) * 60_000;
  const out = [];
  for (let at = Math.ceil(span.from / step) * step; at <= span.to; at += step) out.push(at);
  return out.slice(0, 12);
}

/** The window's shade and the line at which it began. */
export function background(scene, x, width, tall = height) {
  const clamp = (pixel) => Math.max(x.from, Math.min(x.to, pixel));
  const from = clamp(x.of(scene.window.from));
  const to = clamp(x.of(scene.window.to));
  const parts = [
    svg("rect", {
      x: from,
      y: pad.top,
      width: Math.max(0, to - from),
      height: tall - pad.top - pad.bottom,
      fill: "var(--shade)",
    }),
  ];
  const onset = scene.onset === null ? null : x.of(scene.onset);
  if (onset !== null && onset >= x.from && onset <= width - pad.right) {
    parts.push(
      svg("line", {
        x1: onset,
        x2: onset,
        y1: pad.top,
        y2: tall - pad.bottom,
        stroke: "var(--red)",
        "stroke-dasharray": "4 3",
      }),
    );
  }
  return parts;
}

function axis(y, x, scene, width) {
  const span = scene.span.to - scene.span.from;
  const bottom = height - pad.bottom;
  return [
    ...[y.low, (y.low + y.high) / 2, y.high].flatMap((value) => [
      svg("line", {
        x1: x.from,
        x2: x.to,
        y1: y.of(value),
        y2: y.of(value),
        stroke: "var(--line)",
      }),
      svg("text", { x: x.from - 4, y: y.of(value) + 4, "text-anchor": "end" }, short(value)),
    ]),
    ...ticks(scene.span, width).map((at) =>
      svg("text", { x: x.of(at), y: bottom + 14, "text-anchor": "middle" }, clock(at, span)),
    ),
  ];
}

function valueScale(lines, span) {
  const values = lines.flatMap((line) =>
    line.values.filter((value, i) => value !== null && within(line.times[i], span)),
  );
  const top = values.length > 0 ? Math.max(...values) : 1;
  const bottom = values.length > 0 ? Math.min(0, ...values) : 0;
  const high = top === bottom ? bottom + 1 : top;
  const tall = height - pad.top - pad.bottom;
  return {
    low: bottom,
    high,
    of: (value) => pad.top + tall * (1 - (value - bottom) / (high - bottom)),
  };
}

function pathOf(line, span, x, y) {
  let path = "";
  let isDown = false;
  line.times.forEach((at, i) => {
    const value = line.values[i];
    if (value === null || value === undefined || !within(at, span)) {
      // A gap in the data stays a gap in the line.
      isDown = false;
      return;
    }
    path += `${isDown ? "L" : "M"}${x.of(at).toFixed(1)} ${y.of(value).toFixed(1)}`;
    isDown = true;
  });
  return path;
}

function within(at, span) {
  return at >= span.from && at <= span.to;
}

function addPointer(picture, lines, scene, x, unit) {
  const cross = svg("line", {
    y1: pad.top,
    y2: height - pad.bottom,
    stroke: "var(--text)",
    "stroke-opacity": 0.5,
    visibility: "hidden",
  });
  const band = svg("rect", {
    y: pad.top,
    height: height - pad.top - pad.bottom,
    fill: "var(--blue)",
    "fill-opacity": 0.2,
    width: 0,
  });
  picture.append(band, cross);
  let from = null;
  const pixel = (event) => {
    const box = picture.getBoundingClientRect();
    const scale = picture.viewBox.baseVal.width / Math.max(1, box.width);
    return Math.max(x.from, Math.min(x.to, (event.clientX - box.left) * scale));
  };
  picture.addEventListener("pointerdown", (event) => {
    from = pixel(event);
  });
  picture.addEventListener("pointermove", (event) => {
    const here = pixel(event);
    cross.setAttribute("x1", here);
    cross.setAttribute("x2", here);
    cross.setAttribute("visibility", "visible");
    if (from !== null) {
      band.setAttribute("x", Math.min(from, here));
      band.setAttribute("width", Math.abs(here - from));
    }
    tip(reading(lines, x.at(here), scene.span, unit), event);
  });
  picture.addEventListener("pointerup", (event) => {
    const [a, b] = [x.at(from ?? 0), x.at(pixel(event))].sort((one, two) => one - two);
    const isDrag = from !== null && x.of(b) - x.of(a) > 8;
    from = null;
    band.setAttribute("width", 0);
    if (isDrag) scene.zoom({ from: a, to: b });
  });
  picture.addEventListener("pointerleave", () => {
    from = null;
    band.setAttribute("width", 0);
    cross.setAttribute("visibility", "hidden");
    tip(null);
  });
  picture.addEventListener("dblclick", () => scene.zoom(null));
}

function reading(lines, at, span, unit) {
  const rows = lines.map((line) => {
    const index = nearest(line.times, at);
    return `${line.label}: ${short(line.values[index])}${unit ? ` ${unit}` : ""}`;
  });
  return [`${clock(at, span.to - span.from)} UTC`, ...rows].join("\n");
}

function nearest(times, at) {
  let best = 0;
  times.forEach((time, i) => {
    if (Math.abs(time - at) < Math.abs(times[best] - at)) best = i;
  });
  return best;
}

function legend(lines) {
  const items = lines.map((line, index) => {
    const swatch = el("i", { style: `background:${colors[index]}` });
    return el("span", {}, swatch, line.label);
  });
  return el("div", { class: "legend" }, ...items);
}
