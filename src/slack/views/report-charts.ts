import type { Report, ReportEvidence } from "../../core/report.ts";
import { blockLimits as max } from "../blocks/block-limits.ts";
import { plain } from "../blocks/foreign-text.ts";
import type { Block, ChartBlock } from "../blocks/types.ts";
import type { Words } from "../messages/words.ts";
import type { CaseState } from "./case-state.ts";

/** The report's charts in the form that Slack has not refused: native, one image, or none. */
export function chartBlocks(state: CaseState, report: Report, words: Words): Block[] {
  if (state.chartFile && state.charts !== "none") {
    const image: Block = {
      type: "image",
      slack_file: { id: state.chartFile.id },
      alt_text: plain(state.chartFile.alt, max.imageAlt),
    };
    return [image];
  }
  if (state.charts !== "native") return [];
  return chartedEvidence(report)
    .slice(0, max.chartsPerMessage)
    .map((item) => nativeChart(item, words))
    .filter((chart) => chart !== null);
}

/** Evidence that a chart would show, each series once: cited by the first cause before the rest. */
export function chartedEvidence(report: Report): ReportEvidence[] {
  const cited = new Set(report.rootCauses[0]?.supporting ?? []);
  const charted = report.evidence.filter((item) => (item.chart?.lines.length ?? 0) > 0);
  return [
    ...charted.filter((item) => cited.has(item.id)),
    ...charted.filter((item) => !cited.has(item.id)),
  ].filter((item, at, all) => all.findIndex((one) => titleOf(one) === titleOf(item)) === at);
}

/** `payment.success_rate`, not `payment payment.success_rate`. */
function titleOf(item: ReportEvidence): string {
  return (item.chart?.title ?? "").replace(/^(\S+) (?=\1\.)/, "");
}

/** At most 20 points per line, each the mean of its stretch; null when a line has holes. */
export function nativeChart(item: ReportEvidence, words: Words): ChartBlock | null {
  const chart = item.chart;
  const times = chart?.lines[0]?.times ?? [];
  if (!chart || times.length < 2) return null;
  const bins = Math.min(max.chartCategories, times.length);
  const categories = labels(times, bins);
  if (categories === null) return null;
  const names = new Map<string, number>();
  const series = chart.lines.slice(0, max.chartSeries).map((line) => ({
    name: uniqueName(plain(line.label, max.chartLabel) || "value", names),
    values: resample(line.values, bins),
  }));
  if (series.some((one) => one.values.some((value) => !Number.isFinite(value)))) return null;
  const unit = chart.unit === "1" ? "" : plain(words.unit(chart.unit ?? ""), max.chartTitle);
  return {
    type: "data_visualization",
    title: plain(`${item.id} · ${titleOf(item)}`, max.chartTitle),
    chart: {
      type: "line",
      axis_config: {
        categories,
        x_label: "UTC",
        ...(unit ? { y_label: unit } : {}),
      },
      series: series.map((one) => ({
        name: one.name,
        data: categories.map((label, i) => ({ label, value: round(one.values[i] ?? 0) })),
      })),
    },
  };
}

/** Clock times as short as they can be told apart; null when they cannot (over many days). */
function labels(times: readonly number[], bins: number): string[] | null {
  const step = times.length / bins;
  for (const length of [5, 8]) {
    const texts = Array.from({ length: bins }, (_, i) =>
      new Date(times[Math.floor(i * step)] ?? 0).toISOString().slice(11, 11 + length),
    );
    if (new Set(texts).size === bins) return texts;
  }
  return null;
}

/** Mean of the values in each bin; a bin without values repeats the one before it. */
function resample(values: readonly (number | null)[], bins: number): number[] {
  const step = values.length / bins;
  let last = values.find((value) => value !== null) ?? Number.NaN;
  return Array.from({ length: bins }, (_, i) => {
    const part = values
      .slice(Math.floor(i * step), Math.max(Math.floor((i + 1) * step), Math.floor(i * step) + 1))
      .filter((value) => value !== null);
    if (part.length > 0) last = part.reduce((sum, value) => sum + value, 0) / part.length;
    return last;
  });
}

function uniqueName(name: string, used: Map<string, number>): string {
  const count = (used.get(name) ?? 0) + 1;
  used.set(name, count);
  return count === 1 ? name : `${name.slice(0, max.chartLabel - 3)} ${count}`;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
