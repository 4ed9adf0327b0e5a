import type { Mark } from "vega";
import type { Report } from "../core/report.ts";
import { type ChartTheme, chartFont } from "./chart-theme.ts";
import { dayAndClock } from "./format.ts";
import type { Words } from "./languages.ts";

/** Height of one row of marker names: each kind has its own, so that they cannot collide. */
export const markerRow = 15;

/** A moment worth a vertical line through every panel. */
export interface Marker {
  readonly at: number;
  readonly kind: "onset" | "change" | "alarm";
  readonly label: string;
}

/** The moments of a timeline that a chart shows. */
export function markersOf(report: Report, words: Words): Marker[] {
  return report.timeline.flatMap((entry): Marker[] => {
    if (entry.kind !== "onset" && entry.kind !== "change" && entry.kind !== "alarm") return [];
    return [
      { at: Date.parse(entry.at), kind: entry.kind, label: words.say(`chart.${entry.kind}`) },
    ];
  });
}

/** The line of a marker, and its name above the first panel unless that would cover another. */
export function markerMarks(
  marker: Marker,
  all: readonly Marker[],
  area: { readonly width: number; readonly bottom: number },
  theme: ChartTheme,
): Mark[] {
  const order: readonly Marker["kind"][] = ["change", "onset", "alarm"];
  const y = 4 + order.indexOf(marker.kind) * markerRow;
  const sameKind = all.filter((other) => other.kind === marker.kind);
  const isFirst = sameKind[0] === marker;
  const color = theme[marker.kind];
  const x = { scale: "x", value: marker.at };
  const rule: Mark = {
    type: "rule",
    encode: {
      enter: {
        x,
        y: { value: y },
        y2: { value: area.bottom },
        stroke: { value: color },
        strokeWidth: { value: marker.kind === "onset" ? 1.8 : 1.2 },
        strokeDash: {
          value: marker.kind === "onset" ? [] : marker.kind === "alarm" ? [2, 3] : [6, 4],
        },
      },
    },
  };
  if (!isFirst) return [rule];
  const time = dayAndClock(marker.at).slice(11);
  const text: Mark = {
    type: "text",
    encode: {
      enter: {
        x,
        y: { value: y + 6 },
        dx: { signal: `scale('x', ${marker.at}) > ${area.width * 0.8} ? -5 : 5` },
        align: { signal: `scale('x', ${marker.at}) > ${area.width * 0.8} ? 'right' : 'left'` },
        text: { value: `${marker.label} ${time}` },
        font: { value: chartFont },
        fontSize: { value: 11 },
        fontWeight: { value: 700 },
        fill: { value: color },
      },
    },
  };
  return [rule, text];
}
