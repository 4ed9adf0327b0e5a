import type { Mark } from "vega";
import type { Report } from "../core/report.ts";
import { shortRef } from "./cause-words.ts";
import { type ChartTheme, chartFont } from "./chart-theme.ts";
import { dayAndClock } from "./format.ts";
import type { Words } from "./languages.ts";

/** Height of one row of marker names: each kind has its own, so that they cannot collide. */
export const markerRow = 15;

/** In order of their rows. */
const markerKinds = ["change", "onset", "alarm"] as const;
const dashes = { change: [6, 4], onset: [], alarm: [2, 3] };

/** A moment worth a vertical line through every panel. */
export interface Marker {
  readonly at: number;
  readonly kind: (typeof markerKinds)[number];
  readonly label: string;
  /** Named above the first panel, and drawn to be seen. */
  readonly isNamed: boolean;
}

/**
 * The moments of a timeline that a chart shows. Of changes the blamed one is named, by its
 * reference; without one, the first.
 */
export function markersOf(report: Report, words: Words): Marker[] {
  const change = report.conclusion === "inconclusive" ? null : report.rootCauses[0]?.change;
  const ref = change ? shortRef(change.ref) : null;
  const blamed = report.timeline.find((entry) => {
    return entry.kind === "change" && ref !== null && entry.text.includes(ref);
  });
  const named = new Set<Report["timeline"][number]>();
  for (const kind of markerKinds) {
    const first = report.timeline.find((entry) => entry.kind === kind);
    const entry = kind === "change" ? (blamed ?? first) : first;
    if (entry) named.add(entry);
  }
  return report.timeline.flatMap((entry): Marker[] => {
    const kind = markerKinds.find((each) => each === entry.kind);
    if (!kind) return [];
    const label = words.say(`chart.${kind}`) + (entry === blamed ? ` ${ref}` : "");
    return [{ at: Date.parse(entry.at), kind, label, isNamed: named.has(entry) }];
  });
}

/** The line of a marker, and its name above the first panel where it has one. */
export function markerMarks(
  marker: Marker,
  area: { readonly width: number; readonly bottom: number },
  theme: ChartTheme,
): Mark[] {
  const y = 4 + markerKinds.indexOf(marker.kind) * markerRow;
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
        strokeWidth: { value: marker.isNamed ? 1.8 : 0.8 },
        strokeDash: { value: dashes[marker.kind] },
      },
    },
  };
  if (!marker.isNamed) return [rule];
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
