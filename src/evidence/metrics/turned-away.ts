import type { Points } from "../../core/frame.ts";
import type { Series } from "../../core/rows.ts";
import { wordsOf } from "./metric-meaning.ts";

/** Words for requests that a limit kept out before anything was done for them. */
const turnedAwayWords = new Set(
  "throttle throttled throttles throttling reject rejected rejection rejections".split(" "),
);

/** Whether a count is of requests that were turned away rather than of requests that went wrong. */
export function isTurnedAway({ metric }: Pick<Series, "metric">): boolean {
  return wordsOf(metric).some((word) => turnedAwayWords.has(word));
}

/**
 * Failures and requests of a service that also counts what it turns away. Where more were turned
 * away than came in, they are no part of the requests: Lambda's `Invocations` and `Errors` both
 * leave out `Throttles` (AWS Lambda, "Types of metrics"). Elsewhere they are among them, and the
 * failures of a point are at least as many.
 */
export function withTurnedAway(
  failed: Series,
  requests: Series | null,
  turnedAway: Series,
): { readonly failed: Series; readonly requests: Series | null } {
  const away = new Map<number, number>();
  turnedAway.points.times.forEach((time, i) => {
    away.set(time, turnedAway.points.values[i] ?? 0);
  });
  const isApart = requests?.points.times.some(
    (time, i) => (away.get(time) ?? 0) > (requests.points.values[i] ?? 0),
  );
  if (requests && isApart) {
    const sum = (value: number, more: number) => value + more;
    return { failed: joined(failed, away, sum), requests: joined(requests, away, sum) };
  }
  return { failed: joined(failed, away, Math.max), requests };
}

function joined(
  series: Series,
  other: ReadonlyMap<number, number>,
  join: (value: number, other: number) => number,
): Series {
  const { times, values } = series.points;
  const points: Points = {
    times,
    values: values.map((v, i) => join(v, other.get(times[i]!) ?? 0)),
  };
  return { ...series, points };
}
