import { background, ticks, timeScale } from "./charts.js";
import { clock, el, pressable, svg } from "./dom.js";

const tall = 74;
const rows = 3;

/** What happened when: marks on a time axis, the same as a list below; a mark opens its evidence. */
export function timelineOf(report, scene, width) {
  const x = timeScale(scene.span, width);
  const span = scene.span.to - scene.span.from;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${tall}`, height: tall });
  picture.append(...background(scene, x, width, tall));
  picture.append(
    svg("line", { x1: x.from, x2: x.to, y1: tall - 20, y2: tall - 20, stroke: "var(--line)" }),
    ...ticks(scene.span, width).map((at) =>
      svg("text", { x: x.of(at), y: tall - 5, "text-anchor": "middle" }, clock(at, span)),
    ),
  );
  const events = report.timeline.map((event) => ({ ...event, time: Date.parse(event.at) }));
  events.forEach((event, index) => {
    if (event.time < scene.span.from || event.time > scene.span.to) return;
    const y = 16 + (index % rows) * 14;
    const label = `${clock(event.time, span)} ${event.text} ${event.evidence.join(" ")}`.trim();
    const isChange = event.evidence.some((id) => scene.isChange(id));
    const mark = svg("g", {
      class: "mark",
      ...pressable(label, () => scene.open(event.evidence[0])),
    });
    const color = isChange ? "var(--orange)" : "var(--blue)";
    mark.append(
      svg("line", {
        x1: x.of(event.time),
        x2: x.of(event.time),
        y1: y,
        y2: tall - 20,
        stroke: color,
      }),
      isChange
        ? svg("path", { d: diamond(x.of(event.time), y), fill: color })
        : svg("circle", { cx: x.of(event.time), cy: y, r: 5, fill: color }),
    );
    picture.append(mark);
  });
  const list = el("ol", {}, ...events.slice(0, 12).map((event) => line(event, span, scene)));
  return el("div", {}, picture, list);
}

function line(event, span, scene) {
  const when = el("b", {}, clock(event.time, span));
  const button = el("button", { onclick: () => scene.open(event.evidence[0]) }, when, event.text);
  return el("li", { class: "item" }, button);
}

function diamond(x, y) {
  return `M${x} ${y - 6}L${x + 6} ${y}L${x} ${y + 6}L${x - 6} ${y}Z`;
}
