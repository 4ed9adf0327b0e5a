import type { Finding } from "../../core/evidence.ts";
import type { Observations, Series } from "../../core/rows.ts";
import { digits } from "../quantity.ts";
import { named, say } from "../statement.ts";
import { pointsIn } from "../statistics/period.ts";
import { drawnSpan } from "./anomaly-findings.ts";
import type { Shift } from "./shift.ts";

/** Signals compared with each other at most: the pairs grow with the square. */
const signalsMax = 12;
const correlationMin = 0.8;
const pointsMin = 8;
const findingsMax = 5;

/**
 * Pairs of signals of different layers (infrastructure, application, business) that move together
 * around the onset: Spearman's rank correlation, so that one spike cannot make it.
 */
export function correlationFindings(
  shifts: readonly Shift[],
  observations: Observations,
): readonly Finding[] {
  const top = [...shifts]
    .sort((a, b) => Math.abs(b.deviations) - Math.abs(a.deviations))
    .slice(0, signalsMax);
  const span = drawnSpan(observations);
  const found: Finding[] = [];
  for (const [i, first] of top.entries()) {
    for (const second of top.slice(i + 1)) {
      if (first.meaning.layer === second.meaning.layer) continue;
      const value = rankCorrelation(first.series, second.series, span);
      if (!(Math.abs(value) >= correlationMin)) continue;
      found.push(findingOf(first, second, value, observations));
    }
  }
  return found
    .sort((a, b) => Math.abs(b.value ?? 0) - Math.abs(a.value ?? 0))
    .slice(0, findingsMax);
}

function findingOf(
  first: Shift,
  second: Shift,
  value: number,
  observations: Observations,
): Finding {
  const name = ({ series }: Shift) => named(`${series.service} ${series.metric}`);
  return {
    key: `correlation:${name(first)}:${name(second)}`,
    layer: "application",
    kind: "correlation",
    service: first.series.service,
    ...say("finding.correlation", {
      first: name(first),
      second: name(second),
      value: digits(value),
    }),
    value,
    effect: value,
    effectKind: "correlation",
    window: drawnSpan(observations),
    provenance: observations.provenance["metric-series"] ?? [],
    weight: 0.25,
  };
}

/** Spearman's rho over the points the two have in common (nearest in time); NaN below 8 points. */
export function rankCorrelation(
  first: Series,
  second: Series,
  span: { from: number; to: number },
): number {
  const a = pointsIn(first.points, span);
  const b = pointsIn(second.points, span);
  const [sparse, dense] = a.times.length <= b.times.length ? [a, b] : [b, a];
  if (sparse.times.length < pointsMin) return Number.NaN;
  const left: number[] = [];
  const right: number[] = [];
  let at = 0;
  for (let i = 0; i < sparse.times.length; i++) {
    const time = sparse.times[i]!;
    const distance = (index: number) => Math.abs(dense.times[index]! - time);
    while (at + 1 < dense.times.length && distance(at + 1) <= distance(at)) at++;
    left.push(sparse.values[i]!);
    right.push(dense.values[at]!);
  }
  return pearson(ranks(left), ranks(right));
}

function ranks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const found = new Float64Array(values.length);
  for (let i = 0; i < order.length; ) {
    let end = i + 1;
    while (end < order.length && values[order[end]!] === values[order[i]!]) end++;
    for (let k = i; k < end; k++) found[order[k]!] = (i + end - 1) / 2;
    i = end;
  }
  return found;
}

function pearson(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let meanA = 0;
  let meanB = 0;
  for (let i = 0; i < n; i++) {
    meanA += a[i]! / n;
    meanB += b[i]! / n;
  }
  let both = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < n; i++) {
    both += (a[i]! - meanA) * (b[i]! - meanB);
    squareA += (a[i]! - meanA) ** 2;
    squareB += (b[i]! - meanB) ** 2;
  }
  return squareA > 0 && squareB > 0 ? both / Math.sqrt(squareA * squareB) : Number.NaN;
}
