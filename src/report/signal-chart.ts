import type { Mark, Spec } from "vega";
import { citedIds, type Report, type ReportEvidence } from "../core/report.ts";
import { markerMarks, markerRow, markersOf } from "./chart-markers.ts";
import { type ChartTheme, chartFont } from "./chart-theme.ts";
import { isLoss } from "./impact-words.ts";
import type { Words } from "./languages.ts";

const panelsMax = 4;
const width = 860;
const panelHeight = 120;
const panelGap = 46;
const linesMax = 4;
/** Keeps the band visible where normal time had one value only. */
const bandEdgeMin = 3;

/** The key signals under one another on one time axis; null when no evidence carries a chart. */
export function signalSpec(report: Report, words: Words, theme: ChartTheme): Spec | null {
  const items = charted(report);
  if (items.length === 0) return null;
  const domain = domainOf(report, items);
  const markers = markersOf(report, words).filter((m) => m.at >= domain[0] && m.at <= domain[1]);
  const top = markerRow * 3;
  const height = top + items.length * (panelHeight + panelGap);
  return {
    width,
    height,
    padding: { left: 64, right: 24, top: 16, bottom: 12 },
    background: theme.background,
    config: { style: { "group-title": { font: chartFont } } },
    scales: [{ name: "x", type: "utc", domain, range: "width" }],
    marks: [
      ...items.map((item, i) => {
        const y = top + i * (panelHeight + panelGap) + panelGap / 2;
        return panel(within(item, domain), y, i === items.length - 1, report, theme, words);
      }),
      ...markers.flatMap((marker) =>
        markerMarks(marker, { width, bottom: height - panelGap / 2 - 2 }, theme),
      ),
    ],
  };
}

/**
 * Evidence with points: what the first cause cites comes first, then the alarm and the KPIs that are
 * hurt, then what else is cited. Of one signal in several percentiles, one is enough.
 */
function charted(report: Report): ReportEvidence[] {
  const first = report.rootCauses[0]?.supporting ?? [];
  const cited = citedIds(report).map((cite) => cite.id);
  const kpis = new Map(
    report.impact.business.flatMap((kpi) => kpi.evidence.map((id) => [id, kpi])),
  );
  const rank = ({ id, kind }: ReportEvidence) => {
    const kpi = kpis.get(id);
    if (first.includes(id)) return 0;
    if (kind === "alarm" || (kpi && isLoss(kpi))) return 1;
    return cited.includes(id) && !kpi ? 2 : 3;
  };
  const drawn = new Set<string>();
  return report.evidence
    .filter((item) => item.chart?.lines.some((line) => line.times.length > 1))
    .sort((a, b) => rank(a) - rank(b))
    .filter((item) => {
      const stem = (item.chart?.title ?? "").replace(/_?p?\d+/g, "");
      return drawn.has(stem) ? false : drawn.add(stem);
    })
    .slice(0, panelsMax);
}

/** Points outside the time axis would stretch the picture, to millions of pixels for a far one. */
function within(item: ReportEvidence, [from, to]: readonly [number, number]): ReportEvidence {
  if (!item.chart) return item;
  const lines = item.chart.lines.map((line) => {
    const kept = line.times.flatMap((at, i) => (at >= from && at <= to ? [i] : []));
    return {
      ...line,
      times: kept.map((i) => line.times[i] ?? 0),
      values: kept.map((i) => line.values[i] ?? null),
    };
  });
  return { ...item, chart: { ...item.chart, lines } };
}

/** From the baseline when it lies next to the window, else a window's length before it. */
function domainOf(report: Report, items: readonly ReportEvidence[]): [number, number] {
  const [from, to] = [Date.parse(report.window.from), Date.parse(report.window.to)];
  const times = items.flatMap((item) => item.chart?.lines.flatMap((line) => line.times) ?? []);
  const earliest = times.reduce((a, b) => Math.min(a, b), from);
  const latest = times.reduce((a, b) => Math.max(a, b), from + 1);
  return [Math.max(earliest, from - 2 * (to - from)), Math.min(to, Math.max(latest, from + 1))];
}

function panel(
  item: ReportEvidence,
  y: number,
  isLast: boolean,
  report: Report,
  theme: ChartTheme,
  words: Words,
): Mark {
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
  const legend = lines.length > 1 ? `  ${lines.map((line) => line.label).join(" / ")}` : "";
  const text = { font: chartFont, fill: { value: theme.text } };
  return {
    type: "group",
    clip: false,
    encode: {
      enter: { y: { value: y }, width: { value: width }, height: { value: panelHeight } },
    },
    data: [{ name: "rows", values: rows }],
    scales: [
      { name: "y", type: "linear", domain: [low, high || 1], range: [panelHeight, 0], nice: 3 },
      { name: "color", type: "ordinal", domain: lines.map((l) => l.label), range: [...theme.line] },
    ],
    axes: [
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
    ],
    marks: [
      ...(band ? [bandMark(band, report, theme)] : []),
      {
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
      },
      {
        type: "text",
        encode: {
          enter: {
            x: { value: 0 },
            y: { value: -9 },
            text: { value: `${item.id}  ${chart.title}${unit}${legend}` },
            fontSize: { value: 12.5 },
            font: { value: text.font },
            fontWeight: { value: 700 },
            fill: text.fill,
            limit: { value: width - 90 },
          },
        },
      },
      ...(band
        ? [bandLabel(0, "■", theme.bandEdge), bandLabel(13, words.say("chart.normal"), theme.faint)]
        : []),
    ],
  };
}

/** A piece of the legend at the right end of a panel's title. */
function bandLabel(fromRight: number, text: string, color: string): Mark {
  return {
    type: "text",
    encode: {
      enter: {
        x: { value: width - fromRight },
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
        x2: { value: width },
        y: { scale: "y", value: band.high },
        y2: { scale: "y", value: band.low },
        fill: { value: theme.band },
        stroke: { value: theme.band },
        strokeWidth: { value: bandEdgeMin },
      },
    },
  };
}
