import type { DurationStats, Span } from "../../core/rows.ts";

const none = Number.NaN;

/** What spans say of one service, operation and kind, each span with its weight. */
export interface OperationPeriod {
  readonly service: string;
  readonly operation: string;
  readonly spanKind: string | null;
  readonly stats: DurationStats;
}

/**
 * Counts, errors, duration and self time per service, operation and kind. Self time is duration
 * minus the union of children; a fault begins where no child has one. A span counts as often as its
 * trace weighs: how many traces each of these stands for.
 */
export function operationPeriods(
  spans: readonly Span[],
  weightOf: (traceId: string) => number = () => 1,
): OperationPeriod[] {
  const counted = (all: readonly Span[]) =>
    Math.round(all.reduce((sum, { traceId }) => sum + weightOf(traceId), 0));
  const measured = (all: readonly Span[], of: (span: Span) => number) =>
    all.map((span): Weighted => ({ value: of(span), weight: weightOf(span.traceId) }));
  const children = Map.groupBy(
    spans.filter((span) => span.parentSpanId !== null),
    (span) => `${span.traceId}\0${span.parentSpanId}`,
  );
  const groups = Map.groupBy(spans, (s) => `${s.service}\0${s.name}\0${s.spanKind ?? ""}`);
  return [...groups.values()].map((all) => {
    const first = all[0] as Span;
    const below = (span: Span) => children.get(`${span.traceId}\0${span.spanId}`) ?? [];
    const durations = measured(all, (span) => span.durationMs);
    const own = measured(all, (span) => selfTime(span, below(span)));
    const origins = all.filter((span) => isFault(span) && !below(span).some(isFault));
    return {
      service: first.service,
      operation: first.name,
      spanKind: first.spanKind,
      stats: {
        count: counted(all),
        errors: counted(all.filter((span) => span.isError)),
        errorOrigins: counted(origins),
        meanMs: mean(durations),
        p50Ms: quantile(durations, 0.5),
        p95Ms: quantile(durations, 0.95),
        selfMeanMs: mean(own),
        selfP50Ms: quantile(own, 0.5),
        selfP95Ms: quantile(own, 0.95),
      },
    };
  });
}

export const noStats: DurationStats = {
  count: 0,
  errors: 0,
  errorOrigins: 0,
  meanMs: none,
  p50Ms: none,
  p95Ms: none,
  selfMeanMs: none,
  selfP50Ms: none,
  selfP95Ms: none,
};

/** A call that was answered with 4xx has failed, but nothing broke there. */
function isFault({ isError, attributes }: Span): boolean {
  return isError && (attributes["xray.error"] !== true || attributes["xray.throttle"] === true);
}

function selfTime(span: Span, children: readonly Span[]): number {
  const end = span.start + span.durationMs;
  const inside = children
    .map((child) => ({
      from: Math.max(span.start, child.start),
      to: Math.min(end, child.start + child.durationMs),
    }))
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.from - b.from);
  let covered = 0;
  let until = span.start;
  for (const { from, to } of inside) {
    covered += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.max(0, span.durationMs - covered);
}

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

function mean(all: readonly Weighted[]): number {
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  return all.reduce((sum, { value, weight }) => sum + value * weight, 0) / total;
}

/**
 * Quantile with linear interpolation, as DuckDB's `quantile_cont` has it of a list in which every
 * value stands as often as it weighs. Weights are 1 or more.
 */
function quantile(values: readonly Weighted[], share: number): number {
  const sorted = values.toSorted((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const wanted = (total - 1) * share;
  let end = -1;
  let last = none;
  for (const { value, weight } of sorted) {
    const start = end + 1;
    if (wanted < start) return last + (value - last) * (wanted - end);
    end += weight;
    last = value;
    if (wanted <= end) return value;
  }
  return last;
}

/** Quantile of a histogram of values with counts: the value that holds the share. */
export function histogramQuantile(
  entries: readonly { readonly value: number; readonly count: number }[],
  share: number,
): number {
  const all = entries.filter(({ count }) => count > 0).toSorted((a, b) => a.value - b.value);
  const total = all.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { value, count } of all) {
    seen += count;
    if (seen >= share * total) return value;
  }
  return none;
}
