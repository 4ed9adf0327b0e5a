import type { Axis, Mark } from "vega";
import type { Report, ReportEvidence } from "../core/report.ts";
import { type ChartTheme, chartFont } from "./chart-theme.ts";
import type { Words } from "./languages.ts";

/** In pixels, as all lengths here. */
export const panelWidth = 860;
export const panelHeight = 120;

const linesMax = 4;
/** Keeps the band visible where normal time had one value only. */
const bandEdgeMin = 3;

/** How a panel stands among the others. */
export interface PanelPlace {
  readonly y: number;
  readonly isLast: boolean;
}

/** What all panels of a chart share. */
export interface PanelView {
  readonly report: Report;
  readonly theme: ChartTheme;
  readonly words: Words;
}

/** One signal over time, with the band of its normal time behind it. */
export function signalPanel(item: ReportEvidence, place: PanelPlace, view: PanelView): Mark {
  const { report, theme, words } = view;
  const chart = item.chart ?? { title: "", unit: null, lines: [] };
  const lines = chart.lines.slice(0, linesMax);
  const rows = lines.flatMap((line) =>
    line.times.map((at, i) => ({ at, value: line.values[i] ?? null, label: line.label })),
  );
  const band = bandOf(rows, report);
  const values = rows.flatMap((row) => (row.value === null ? [] : [row.value]));
  const low = values.reduce((a, b) => Math.min(a, b), 0);
  const high = values.reduce((a, b) => Math.max(a, b), band?.high ?? 0);
  const isPlain = !chart.unit || /^(?:1|\{.*\})$/.test(chart.unit);
  const unit = isPlain ? "" : ` (${chart.unit})`;
  const labels = lines.map((line) => line.label);
  const legend = lines.length > 1 ? `  ${labels.join(" / ")}` : "";
  return {
    type: "group",
    clip: false,
    encode: {
      enter: {
        y: { value: place.y },
        width: { value: panelWidth },
        height: { value: panelHeight },
      },
    },
    data: [{ name: "rows", values: rows }],
    scales: [
      { name: "y", type: "linear", domain: [low, high || 1], range: [panelHeight, 0], nice: 3 },
      { name: "color", type: "ordinal", domain: labels, range: [...theme.line] },
    ],
    axes: axesOf(theme, place.isLast),
    marks: [
      ...(band ? [bandMark(band, report, theme)] : []),
      lineMarks,
      titleMark(`${item.id}  ${chart.title}${unit}${legend}`, theme),
      ...(band
        ? [bandLabel(0, "■", theme.bandEdge), bandLabel(13, words.say("chart.normal"), theme.faint)]
        : []),
    ],
  };
}

/** Values at the left, times below; only the last panel has their labels. */
function axesOf(theme: ChartTheme, isLast: boolean): Axis[] {
  return [
    {
      scale: "y",
      orient: "left",
      tickCount: 3,
      grid: true,
      gridColor: theme.grid,
      domain: false,
      ticks: false,
      format: "~s",
      labelPadding: 6,
      labelFont: chartFont,
      labelColor: theme.faint,
    },
    {
      scale: "x",
      orient: "bottom",
      tickCount: 8,
      format: "%H:%M",
      labels: isLast,
      ticks: isLast,
      domainColor: theme.grid,
      tickColor: theme.grid,
      labelFont: chartFont,
      labelColor: theme.faint,
    },
  ];
}

/** The lines of all series, each in its own colour. */
const lineMarks: Mark = {
  type: "group",
  from: { facet: { name: "series", data: "rows", groupby: "label" } },
  marks: [
    {
      type: "line",
      from: { data: "series" },
      encode: {
        enter: {
          x: { scale: "x", field: "at" },
          y: { scale: "y", field: "value" },
          defined: { signal: "isValid(datum.value)" },
          stroke: { scale: "color", field: "label" },
          strokeWidth: { value: 1.8 },
        },
      },
    },
  ],
};

function titleMark(title: string, theme: ChartTheme): Mark {
  return {
    type: "text",
    encode: {
      enter: {
        x: { value: 0 },
        y: { value: -9 },
        text: { value: title },
        fontSize: { value: 12.5 },
        font: { value: chartFont },
        fontWeight: { value: 700 },
        fill: { value: theme.text },
        limit: { value: panelWidth - 90 },
      },
    },
  };
}

/** A piece of the legend at the right end of a panel's title. */
function bandLabel(fromRight: number, text: string, color: string): Mark {
  return {
    type: "text",
    encode: {
      enter: {
        x: { value: panelWidth - fromRight },
        y: { value: -9 },
        align: { value: "right" },
        text: { value: text },
        font: { value: chartFont },
        fontSize: { value: 10 },
        fill: { value: color },
      },
    },
  };
}

/** Where the first line lay in normal time: its 2nd to 98th percentile. */
function bandOf(
  rows: readonly { at: number; value: number | null; label: string }[],
  report: Report,
): { low: number; high: number } | null {
  const [from, to] = [Date.parse(report.baseline.from), Date.parse(report.baseline.to)];
  const normal = rows
    .filter((row) => row.label === rows[0]?.label && row.at >= from && row.at < to)
    .flatMap((row) => (row.value === null ? [] : [row.value]))
    .sort((a, b) => a - b);
  if (normal.length < 5) return null;
  const at = (share: number) => normal[Math.round(share * (normal.length - 1))] ?? 0;
  return { low: at(0.02), high: at(0.98) };
}

function bandMark(band: { low: number; high: number }, report: Report, theme: ChartTheme): Mark {
  const from = Date.parse(report.baseline.from);
  return {
    type: "rect",
    clip: true,
    encode: {
      enter: {
        x: { signal: `max(0, scale('x', ${from}))` },
        x2: { value: panelWidth },
        y: { scale: "y", value: band.high },
        y2: { scale: "y", value: band.low },
        fill: { value: theme.band },
        stroke: { value: theme.band },
        strokeWidth: { value: bandEdgeMin },
      },
    },
  };
}
