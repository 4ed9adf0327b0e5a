import type { Spec } from "vega";
import { citedIds, type Report, type ReportEvidence } from "../core/report.ts";
import { markerMarks, markerRow, markersOf } from "./chart-markers.ts";
import { type ChartTheme, chartFont } from "./chart-theme.ts";
import { isLoss } from "./impact-words.ts";
import type { Words } from "./languages.ts";
import { panelHeight, panelWidth, signalPanel } from "./signal-panel.ts";

const panelsMax = 4;
const panelGap = 46;

/** The key signals under one another on one time axis; null when no evidence carries a chart. */
export function signalSpec(report: Report, words: Words, theme: ChartTheme): Spec | null {
  const items = charted(report);
  if (items.length === 0) return null;
  const domain = domainOf(report, items);
  const markers = markersOf(report, words).filter((m) => m.at >= domain[0] && m.at <= domain[1]);
  const top = markerRow * 3;
  const height = top + items.length * (panelHeight + panelGap);
  const view = { report, theme, words };
  return {
    width: panelWidth,
    height,
    padding: { left: 64, right: 24, top: 16, bottom: 12 },
    background: theme.background,
    config: { style: { "group-title": { font: chartFont } } },
    scales: [{ name: "x", type: "utc", domain, range: "width" }],
    marks: [
      ...items.map((item, i) => {
        const y = top + i * (panelHeight + panelGap) + panelGap / 2;
        return signalPanel(within(item, domain), { y, isLast: i === items.length - 1 }, view);
      }),
      ...markers.flatMap((marker) =>
        markerMarks(marker, { width: panelWidth, bottom: height - panelGap / 2 - 2 }, theme),
      ),
    ],
  };
}

/**
 * Evidence with points: what the first cause cites comes first, then the alarm and the KPIs that
 * are hurt, then what else is cited. Of one signal in several percentiles, one is enough.
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
