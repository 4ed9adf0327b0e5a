import type { Series } from "../../core/rows.ts";
import { increments, isCumulative } from "./shift.ts";

/** Endings of the parts of a histogram, in the spellings of Prometheus and of dotted names. */
const histogramPart = /[._](sum|count|bucket)$/;
/** Labels that tell how a request ended. */
const endLabel =
  /(?:^|[ ,])(?:[\w.]*status[\w.]*|[\w.]*code|outcome|result|success|exception|error)=([^,]*)/i;
/**
 * How requests end that failed for reasons of the server, in the words of HTTP, gRPC and others.
 */
const failedEnd =
  /^(5\d\d|5xx|(server[_ ])?error|fail(ed|ure)?|false|unavailable|internal|deadline_?exceeded|unknown|timeout|data_?loss|aborted|resource_?exhausted|2|4|8|13|14|15|\w+(Exception|Error))$/i;
const grpcLabel = /grpc/i;

/**
 * Counters and histograms as monitoring systems store them, as the series a person would draw of
 * them: requests and failures per step where one counter is split by how requests ended, and the
 * mean where a histogram is stored as a sum and a count. Their parts are left out, since a running
 * sum grows with mere traffic; all other series stay as they are.
 */
export function drawnSeries(all: readonly Series[]): readonly Series[] {
  const families = Map.groupBy(all, ({ service, metric }) => `${service}\u0000${metric}`);
  const drawn: Series[] = [];
  for (const family of families.values()) {
    const [first] = family as [Series];
    const part = histogramPart.exec(first.metric)?.[1];
    if (part === "bucket") continue;
    if (part === "sum") {
      const base = first.metric.replace(histogramPart, "");
      const counts = countsOf(families, first, base);
      drawn.push(...(counts ? [meanOf(first, base, family, counts)] : family));
    } else {
      drawn.push(...(isSplitByEnd(family) ? splitByEnd(family) : family));
    }
  }
  return drawn;
}

/** The name of the metric that a person means: without the part of a histogram. */
export function histogramBase(metric: string): string {
  return metric.replace(histogramPart, "");
}

function countsOf(
  families: ReadonlyMap<string, readonly Series[]>,
  { service }: Series,
  base: string,
): readonly Series[] | undefined {
  return (
    families.get(`${service}\u0000${base}_count`) ?? families.get(`${service}\u0000${base}.count`)
  );
}

function meanOf(
  first: Series,
  base: string,
  sums: readonly Series[],
  counts: readonly Series[],
): Series {
  const [sum, count] = [added(sums), added(counts)];
  const times: number[] = [];
  const values: number[] = [];
  for (const [time, calls] of count) {
    const total = sum.get(time);
    if (total === undefined || !(calls > 0)) continue;
    times.push(time);
    values.push(total / calls);
  }
  return {
    ...first,
    ...{ metric: `${base} mean`, resource: null, metricKind: "gauge" },
    points: { times: Float64Array.from(times), values: Float64Array.from(values) },
  };
}

function isSplitByEnd(family: readonly Series[]): boolean {
  const ends = family.map(({ resource }) => endLabel.exec(resource ?? "")?.[1]);
  return family.length > 1 && ends.every((end) => end !== undefined);
}

function splitByEnd(family: readonly Series[]): Series[] {
  const [first] = family as [Series];
  const all = added(family);
  const failed = added(family.filter(hasFailed), family);
  const times = Float64Array.from(all.keys());
  const whole = { ...first, resource: null, metricKind: "delta" };
  return [
    {
      ...whole,
      metric: `${first.metric} errors`,
      points: { times, values: times.map((time) => failed.get(time) ?? 0) },
    },
    { ...whole, points: { times, values: Float64Array.from(all.values()) } },
  ];
}

function hasFailed({ resource }: Series): boolean {
  const match = endLabel.exec(resource ?? "");
  const end = match?.[1]?.trim() ?? "";
  // Small numbers are codes of gRPC; elsewhere they say nothing.
  if (/^\d\d?$/.test(end) && !grpcLabel.test(match?.[0] ?? "")) return false;
  return failedEnd.test(end);
}

/** Increase per time of all series together, times ascending. */
function added(parts: readonly Series[], family = parts): ReadonlyMap<number, number> {
  const isRunning = family.some(isCumulative);
  const start = Math.min(
    ...family.map(({ points }) => points.times[0] ?? Number.POSITIVE_INFINITY),
  );
  const sums = new Map<number, number>();
  for (const { points } of parts) {
    const { times, values } = isRunning ? increments(points, start) : points;
    for (let i = 0; i < times.length; i++) {
      const value = values[i]!;
      if (Number.isFinite(value)) sums.set(times[i]!, (sums.get(times[i]!) ?? 0) + value);
    }
  }
  return new Map([...sums].sort(([a], [b]) => a - b));
}
