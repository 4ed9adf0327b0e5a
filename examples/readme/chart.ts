/** A point of a line: seconds after the start of the recording, and the value. */
export type Point = readonly [seconds: number, value: number];

export interface ChartPanel {
  label: string;
  points: readonly Point[];
}

export interface Marks {
  totalSeconds: number;
  baselineSeconds: number;
  onsetSeconds: number | null;
  alarmSeconds: number;
  changesSeconds: readonly number[];
}

const width = 760;
const left = 56;
const right = 16;
const panelHeight = 110;
const panelGap = 34;
const top = 44;

const ink = "#24292f";
const faint = "#d0d7de";
const lineColor = "#0969da";
const onsetColor = "#cf222e";
const alarmColor = "#bf8700";

/** Panels above one time axis, with onset, alarm and changes marked, as one SVG. */
export function chart(title: string, panels: readonly ChartPanel[], marks: Marks): string {
  const height = top + panels.length * (panelHeight + panelGap) + 22;
  const x = (seconds: number) =>
    round(left + (seconds / marks.totalSeconds) * (width - left - right));
  const bottom = top + panels.length * (panelHeight + panelGap) - panelGap;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}"`,
    ` height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="${ink}">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<rect x="${left}" y="${top}" width="${round(x(marks.baselineSeconds) - left)}"`,
    ` height="${bottom - top}" fill="#f6f8fa"/>`,
    ...panels.map((panel, index) => panelSvg(panel, top + index * (panelHeight + panelGap), x)),
    ...minuteTicks(marks.totalSeconds, x, bottom),
    ...marks.changesSeconds.map(
      (at) =>
        `<path d="M${x(at)} ${bottom + 1}l-4 8h8z" fill="#6e7781"><title>change</title></path>`,
    ),
    marks.onsetSeconds === null ? "" : mark(x(marks.onsetSeconds), bottom, onsetColor, "onset"),
    mark(x(marks.alarmSeconds), bottom, alarmColor, "alarm"),
    "</svg>\n",
  ].join("");
}

function panelSvg(
  { label, points }: ChartPanel,
  y0: number,
  x: (seconds: number) => number,
): string {
  const highest = niceCeiling(Math.max(...points.map(([, value]) => value), 0));
  const y = (value: number) => round(y0 + panelHeight - (value / highest) * panelHeight);
  const path = points.map(([at, value], index) => `${index ? "L" : "M"}${x(at)} ${y(value)}`);
  return [
    `<text x="${left}" y="${y0 - 8}" font-weight="600">${label}</text>`,
    ...[0, highest / 2, highest].map(
      (value) =>
        `<path d="M${left} ${y(value)}H${width - right}" stroke="${faint}"/>` +
        `<text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${shortNumber(value)}</text>`,
    ),
    `<path d="${path.join("")}" fill="none" stroke="${lineColor}" stroke-width="1.6"/>`,
  ].join("");
}

function minuteTicks(totalSeconds: number, x: (seconds: number) => number, bottom: number) {
  const ticks: string[] = [];
  for (let minute = 0; minute * 60 <= totalSeconds; minute += 1) {
    const label = minute === 0 ? "0 min" : String(minute);
    ticks.push(
      `<text x="${x(minute * 60)}" y="${bottom + 24}" text-anchor="middle">${label}</text>`,
    );
  }
  return ticks;
}

function mark(at: number, bottom: number, color: string, label: string): string {
  const y = label === "onset" ? 14 : 27;
  return (
    `<path d="M${at} ${y + 3}V${bottom}" stroke="${color}" stroke-width="1.4" stroke-dasharray="5 3"/>` +
    `<text x="${at + 4}" y="${y}" fill="${color}" font-weight="600">${label}</text>`
  );
}

/** The next of 1, 2, 5 times a power of ten. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => value <= step * power) ?? 10) * power;
}

function shortNumber(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000}M`;
  return value >= 10_000 ? `${value / 1_000}k` : String(Math.round(value * 100) / 100);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
