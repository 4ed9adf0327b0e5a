import { blockLimits as max } from "./block-limits.ts";
import { asJson, count, type Fault, type Json, list, string } from "./shape-checks.ts";

/**
 * Faults of a native chart: every series has one finite value per category, in the same order, and
 * names are unique (docs.slack.dev, data visualization block).
 */
export function chartFaults(block: Json, path: string): Fault[] {
  const chart = asJson(block.chart);
  const axis = asJson(chart.axis_config);
  const categories = Array.isArray(axis.categories) ? axis.categories : [];
  const series = list(chart.series);
  const names = series.map((one) => String(one.name));
  return [
    ...string(block.title, `${path}/title`, 1, max.chartTitle),
    ...(["line", "bar", "area", "pie"].includes(String(chart.type))
      ? []
      : [{ path: `${path}/chart/type`, rule: "line, bar, area or pie" }]),
    ...count(axis.categories, `${path}/chart/axis_config/categories`, 1, max.chartCategories),
    ...unique(categories.map(String), `${path}/chart/axis_config/categories`),
    ...unique(names, `${path}/chart/series`),
    ...count(chart.series, `${path}/chart/series`, 1, max.chartSeries),
    ...["x_label", "y_label"].flatMap((key) =>
      axis[key] === undefined ? [] : string(axis[key], `${path}/${key}`, 1, max.chartTitle),
    ),
    ...series.flatMap((one, i) => seriesFaults(one, categories, `${path}/chart/series/${i}`)),
  ];
}

function seriesFaults(series: Json, categories: readonly unknown[], path: string): Fault[] {
  const points = list(series.data);
  const isAligned =
    points.length === categories.length && points.every((p, i) => p.label === categories[i]);
  return [
    ...string(series.name, `${path}/name`, 1, max.chartLabel),
    ...(isAligned ? [] : [{ path, rule: "one point per category, in order" }]),
    ...points.flatMap((point, i) => [
      ...string(point.label, `${path}/data/${i}/label`, 1, max.chartLabel),
      ...(Number.isFinite(point.value)
        ? []
        : [{ path: `${path}/data/${i}/value`, rule: "a finite number" }]),
    ]),
  ];
}

function unique(names: readonly string[], path: string): Fault[] {
  return new Set(names).size < names.length ? [{ path, rule: "names must be unique" }] : [];
}
