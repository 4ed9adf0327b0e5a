import type { CaseResult } from "./evaluate.ts";
import type { Score } from "./score.ts";

/** Totals over cases. Shares are 0..1 over the cases whose truth speaks of the thing. */
export interface Summary {
  readonly cases: number;
  readonly runs: number;
  readonly failed: number;
  readonly serviceTop1: number | null;
  readonly serviceTop3: number | null;
  readonly serviceTop5: number | null;
  readonly resourceTop1: number | null;
  readonly resourceTop3: number | null;
  readonly resourceTop5: number | null;
  readonly changeExact: number | null;
  readonly decoysBlamed: number;
  readonly firstFailing: number | null;
  readonly blastRadiusJaccard: number | null;
  readonly remediation: number | null;
  readonly priority: number | null;
  readonly nothingWrongRecognised: number | null;
  readonly right: number;
  readonly confidentlyWrong: number;
  /** Mean squared distance of confidence and outcome (Brier 1950): 0 is perfect, 0.25 is a coin. */
  readonly brier: number;
  /** Stated confidence against hit rate, in five bins. */
  readonly calibration: readonly { from: number; to: number; runs: number; right: number }[];
  /** Share of cases whose repeats all name the same first cause; null without repeats. */
  readonly agreement: number | null;
  readonly seconds: { readonly total: number; readonly median: number; readonly max: number };
  readonly toolCallsMedian: number;
  readonly tokens: number;
  readonly costUsd: number;
}

/**
 * Adds up the results of all cases. A run without a report counts as wrong; confidence is judged
 * over the runs that stated one.
 */
export function summarize(results: readonly CaseResult[]): Summary {
  const runs = results.flatMap((result) => result.runs);
  const reported = runs.map((run) => run.score);
  const scores = [...reported, ...results.flatMap(missingScores)];
  const withService = scores.filter((score) => score.hasService);
  const withResource = scores.filter((score) => score.hasResource);
  const healthy = results
    .filter((result) => result.kind !== "fault")
    .flatMap((result) => [...result.runs.map((run) => run.score), ...missingScores(result)]);
  const within = (rank: number | null, k: number) => rank !== null && rank <= k;
  const seconds = runs.map((run) => run.seconds);
  return {
    cases: results.length,
    runs: runs.length,
    failed: results.reduce((sum, result) => sum + result.failures.length, 0),
    serviceTop1: share(withService, (s) => within(s.serviceRank, 1)),
    serviceTop3: share(withService, (s) => within(s.serviceRank, 3)),
    serviceTop5: share(withService, (s) => within(s.serviceRank, 5)),
    resourceTop1: share(withResource, (s) => within(s.resourceRank, 1)),
    resourceTop3: share(withResource, (s) => within(s.resourceRank, 3)),
    resourceTop5: share(withResource, (s) => within(s.resourceRank, 5)),
    changeExact: shareOf(scores.map((s) => s.changeExact)),
    decoysBlamed: scores.filter((s) => s.decoyBlamed).length,
    firstFailing: shareOf(scores.map((s) => s.firstFailing)),
    blastRadiusJaccard: mean(scores.flatMap((s) => s.blastRadiusJaccard ?? [])),
    remediation: shareOf(scores.map((s) => s.remediation)),
    priority: shareOf(scores.map((s) => s.priority)),
    nothingWrongRecognised: share(healthy, (s) => s.isRight),
    right: share(scores, (s) => s.isRight) ?? 0,
    confidentlyWrong: scores.filter((s) => s.isConfidentlyWrong).length,
    brier: mean(reported.map((s) => (s.confidence - (s.isRight ? 1 : 0)) ** 2)) ?? 0,
    calibration: calibration(reported),
    agreement: share(
      results.filter((r) => r.runs.length > 1),
      (r) => new Set(r.runs.map((run) => run.firstCause)).size === 1,
    ),
    seconds: {
      total: seconds.reduce((a, b) => a + b, 0),
      median: median(seconds),
      max: seconds.reduce((a, b) => Math.max(a, b), 0),
    },
    toolCallsMedian: median(runs.map((run) => run.toolCalls)),
    tokens: runs.reduce((sum, run) => sum + run.tokens, 0),
    costUsd: runs.reduce((sum, run) => sum + run.costUsd, 0),
  };
}

function missingScores({ failures, missing }: CaseResult): Score[] {
  return missing ? failures.map(() => missing) : [];
}

function calibration(scores: readonly { confidence: number; isRight: boolean }[]) {
  return [0, 0.2, 0.4, 0.6, 0.8].map((from) => {
    const to = from === 0.8 ? 1.0001 : from + 0.2;
    const inside = scores.filter((s) => s.confidence >= from && s.confidence < to);
    const right = inside.filter((s) => s.isRight).length;
    return { from, to: Math.min(1, to), runs: inside.length, right };
  });
}

function share<T>(items: readonly T[], test: (item: T) => boolean): number | null {
  return items.length === 0 ? null : items.filter(test).length / items.length;
}

function shareOf(values: readonly (boolean | null)[]): number | null {
  return share(
    values.filter((value) => value !== null),
    (value) => value,
  );
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
