import type { Service } from "@aws-sdk/client-xray";
import type { DurationStats } from "../../core/rows.ts";
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
 * and the failures that began in it. How these divide among operations is what the sample tells; of
 * the rest, fifty traces tell little.
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
    const failures = known && divided(requests, known.errors);
    const begun =
      counted.origins && divided(own, counted.origins.get(service) ?? 0, "errorOrigins");
    return own.map((row): OperationPeriod => {
      const { stats, operation } = row;
      const edge = isRequest(row) ? undefined : edges.get(`${service}\0${operation}`);
      const errorOrigins = Math.round(begun?.get(row) ?? stats.errorOrigins * scale);
      const failed = Math.round(failures?.get(row) ?? stats.errors * scale);
      const errors = Math.max(errorOrigins, failed);
      const count = Math.max(errors, Math.round(edge?.calls || stats.count * scale));
      const factor = isRequest(row) ? slower : ratio(edge?.meanMs, stats.meanMs);
      const times = lengthened(stats, factor);
      return { ...row, stats: { ...times, count, errors, errorOrigins } };
    });
  });
}

/** What a service served, other than what it called or did inside. */
function isRequest({ spanKind }: OperationPeriod): boolean {
  return spanKind === "server";
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
function secondsOf(rows: readonly OperationPeriod[]): number {
  return rows.reduce((total, { stats }) => total + (stats.count * stats.meanMs) / 1_000, 0);
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

function lengthened(stats: DurationStats, factor: number): DurationStats {
  return {
    ...stats,
    meanMs: stats.meanMs * factor,
    p50Ms: stats.p50Ms * factor,
    p95Ms: stats.p95Ms * factor,
    selfMeanMs: stats.selfMeanMs * factor,
    selfP50Ms: stats.selfP50Ms * factor,
    selfP95Ms: stats.selfP95Ms * factor,
  };
}
