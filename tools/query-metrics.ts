import { z } from "zod";
import { readSeries } from "../src/core/row-readers.ts";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { isWithin, toIso } from "../src/core/window.ts";
import { limitField, servicesField, windowFields, windowOf } from "./support/inputs.ts";
import { cut, notData } from "./support/readings.ts";

const pointsMax = 40;

/** Series as few points: enough to see a shape, never a dump. */
export const queryMetrics = defineTool({
  name: "query_metrics",
  title: "Query metrics",
  description:
    "Values of named metrics over time, downsampled to 40 points, with last/min/max and the normal level. For what moved, use find_anomalies.",
  input: z.object({
    services: servicesField,
    metric: z.string().max(200).optional().describe("Part of the metric's name, any case"),
    limit: limitField(8, 40),
    ...windowFields,
  }),
  output: z.object({
    series: z.array(
      z.object({
        service: z.string(),
        metric: z.string(),
        resource: z.string().nullable(),
        unit: z.string().nullable(),
        normal: z.number().nullable().describe("Median of the baseline"),
        last: z.number().nullable(),
        min: z.number().nullable(),
        max: z.number().nullable(),
        points: z.array(z.object({ at: z.string(), value: z.number() })),
      }),
    ),
  }),
  annotations: readOnly,
  costly: false,
  everyday: true,
  async run(input, context) {
    const window = windowOf(input, context);
    const services = input.services?.length ? { services: input.services } : {};
    const reading = await context.telemetry.read(
      { kind: "metric-series", baseline: context.baseline, ...services },
      window,
    );
    if (reading.kind !== "data") return notData(reading);
    const text = (input.metric ?? "").toLowerCase();
    const all = readSeries(reading.frame);
    const matching = all.filter(({ metric }) => metric.toLowerCase().includes(text));
    if (matching.length === 0) {
      return {
        kind: "empty",
        searched: `metrics with "${input.metric ?? ""}" in their name`,
        reasons: [`None of the ${all.length} series has such a name.`],
        next: `Names there are: ${names(all)}.`,
        gaps: reading.gaps,
      };
    }
    const { shown, truncated } = cut(matching, input.limit, "Narrow with `services` or `metric`.");
    const series = shown.map(({ service, metric, resource, unit, points }) => {
      const inside: { at: number; value: number }[] = [];
      const normal: number[] = [];
      for (const [i, at] of points.times.entries()) {
        const value = points.values[i] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        if (isWithin(at, window)) inside.push({ at, value });
        else if (isWithin(at, context.baseline)) normal.push(value);
      }
      return { service, metric, resource, unit, normal: median(normal), ...shape(inside) };
    });
    return {
      kind: "data",
      output: { series },
      findings: [],
      gaps: reading.gaps,
      ...(truncated ? { truncated } : {}),
    };
  },
});

function shape(points: readonly { at: number; value: number }[]) {
  const values = points.map(({ value }) => value);
  const every = Math.max(1, Math.ceil(points.length / pointsMax));
  return {
    last: values.at(-1) ?? null,
    min: values.length ? values.reduce((a, b) => Math.min(a, b)) : null,
    max: values.length ? values.reduce((a, b) => Math.max(a, b)) : null,
    points: points
      .filter((_, i) => i % every === 0)
      .map(({ at, value }) => ({ at: toIso(at), value })),
  };
}

function median(values: number[]): number | null {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

function names(series: readonly { metric: string }[]): string {
  return [...new Set(series.map(({ metric }) => metric))].slice(0, 30).join(", ");
}
