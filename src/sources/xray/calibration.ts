import type { Service } from "@aws-sdk/client-xray";
import type { DurationStats, EdgePeriod } from "../../core/rows.ts";
import type { OperationPeriod } from "./span-statistics.ts";
import { edgesOf, failuresOf } from "./statistics.ts";

/** What X-Ray counted over all traces that it keeps. */
export interface CountedByXray {
  /** Service maps of the stretches of a period. */
  readonly maps: readonly (readonly Service[])[];
  /** Failures that began in each service; null where that was not told. */
  readonly origins: ReadonlyMap<string, number> | null;
  readonly names: Readonly<Record<string, string>>;
}

/**
 * Statistics of a sample of whole traces, made to add up to what X-Ray counted over all of them:
 * the requests, failures and time of each service, the calls of each other service that it makes,
 * the time that these leave to itself, and the failures that began in it. How all this divides among
 * operations is what the sample tells; of the rest, fifty traces tell little.
 */
export function calibrated(
  rows: readonly OperationPeriod[],
  counted: CountedByXray,
): readonly OperationPeriod[] {
  const served = servedBy(counted);
  const edges = new Map(
    edgesOf(counted.maps, counted.names).map(({ caller, callee, stats }) => [
      `${caller}\0${callee}`,
      stats,
    ]),
  );
  return [...Map.groupBy(rows, ({ service }) => service)].flatMap(([service, own]) => {
    const known = served.get(service);
    const requests = own.filter(isRequest);
    const scale = ratio(known?.calls, sum(requests, "count"));
    const slower = ratio(known?.seconds, secondsOf(requests) * scale);
    const edgeOf = (row: OperationPeriod) => edges.get(`${service}\0${row.operation}`);
    const alone = aloneFactor(own, known?.seconds, scale, edgeOf) ?? slower;
    const failures = known && divided(requests, known.errors);
    const begun =
      counted.origins && divided(own, counted.origins.get(service) ?? 0, "errorOrigins");
    return own.map((row): OperationPeriod => {
      const { stats } = row;
      const edge = isRequest(row) ? undefined : edgeOf(row);
      const errorOrigins = Math.round(begun?.get(row) ?? stats.errorOrigins * scale);
      const failed = Math.round(failures?.get(row) ?? stats.errors * scale);
      const errors = Math.max(errorOrigins, failed);
      const count = Math.max(errors, Math.round(edge?.calls || stats.count * scale));
      const longer = ratio(edge?.meanMs, stats.meanMs);
      const times = isRequest(row)
        ? lengthened(stats, slower, alone)
        : lengthened(stats, longer, isCall(row) ? longer : alone);
      return { ...row, stats: { ...times, count, errors, errorOrigins } };
    });
  });
}

/** What a service served, other than what it called or did inside. */
function isRequest({ spanKind }: OperationPeriod): boolean {
  return spanKind === "server";
}

/** What a service asked of others, and waited for. */
function isCall({ spanKind }: OperationPeriod): boolean {
  return spanKind === "client";
}

/** Own time of the sample that its requests less its calls may miss, where calls never overlap. */
const overlapShareMax = 0.1;

/**
 * How much longer a service was busy by itself than the sample has it: time of all requests less
 * that of all calls, which X-Ray counts from the viewpoint of the caller. Null where calls overlap,
 * since then these two do not differ by the service's own time.
 */
function aloneFactor(
  rows: readonly OperationPeriod[],
  seconds: number | undefined,
  scale: number,
  edgeOf: (row: OperationPeriod) => EdgePeriod | undefined,
): number | null {
  const calls = rows.filter((row) => isCall(row) && (edgeOf(row)?.calls ?? 0) > 0);
  const sampled = secondsOf(rows.filter(isRequest)) - secondsOf(calls);
  const busy = secondsOf(
    rows.filter((row) => !isCall(row)),
    "selfMeanMs",
  );
  if (!seconds || !(Math.abs(sampled - busy) <= overlapShareMax * busy)) return null;
  const waited = calls.reduce((total, row) => {
    const edge = edgeOf(row);
    return total + (edge ? (edge.calls * edge.meanMs) / 1_000 : 0);
  }, 0);
  return seconds > waited && sampled > 0 ? (seconds - waited) / (sampled * scale) : null;
}

/** What was counted over what the sample has; 1 where one of them is not known. */
function ratio(counted: number | undefined, sampled: number): number {
  return counted && counted > 0 && sampled > 0 ? counted / sampled : 1;
}

function servedBy({ maps, names }: CountedByXray) {
  const sums = new Map<string, { calls: number; errors: number; seconds: number }>();
  for (const { Name: name, SummaryStatistics: stats } of maps.flat()) {
    if (!name || !stats) continue;
    const service = names[name] ?? name;
    const known = sums.get(service) ?? { calls: 0, errors: 0, seconds: 0 };
    sums.set(service, known);
    known.calls += stats.TotalCount ?? 0;
    known.errors += failuresOf(stats);
    known.seconds += stats.TotalResponseTime ?? 0;
  }
  return sums;
}

type Counted = "count" | "errors" | "errorOrigins";

function sum(rows: readonly OperationPeriod[], of: Counted): number {
  return rows.reduce((total, { stats }) => total + stats[of], 0);
}

/** Seconds that all of them took together. */
function secondsOf(
  rows: readonly OperationPeriod[],
  of: "meanMs" | "selfMeanMs" = "meanMs",
): number {
  return rows.reduce((total, { stats }) => total + (stats.count * stats[of]) / 1_000, 0);
}

/**
 * A total divided among rows as the sample has it; by failures, else by calls, where it has none.
 */
function divided(
  rows: readonly OperationPeriod[],
  total: number,
  as: Counted = "errors",
): ReadonlyMap<OperationPeriod, number> {
  const by = [as, "errors" as const, "count" as const].find((each) => sum(rows, each) > 0);
  const all = by ? sum(rows, by) : 0;
  return new Map(rows.map((row) => [row, by ? (total * row.stats[by]) / all : 0]));
}

function lengthened(stats: DurationStats, factor: number, alone: number): DurationStats {
  return {
    ...stats,
    meanMs: stats.meanMs * factor,
    p50Ms: stats.p50Ms * factor,
    p95Ms: stats.p95Ms * factor,
    selfMeanMs: stats.selfMeanMs * alone,
    selfP50Ms: stats.selfP50Ms * alone,
    selfP95Ms: stats.selfP95Ms * alone,
  };
}
