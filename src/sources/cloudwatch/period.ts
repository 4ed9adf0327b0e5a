import { lengthMs, type Window } from "../../core/window.ts";

const minuteMs = 60_000;
export const dayMs = 86_400_000;
/** CloudWatch keeps minutes for 15 days, five minutes for 63 and hours for 455 (15 months). */
const minutesKeptMs = 15 * dayMs;
const fiveMinutesKeptMs = 63 * dayMs;
export const everythingKeptMs = 455 * dayMs;
/** Points of one series over all periods together: a day of minutes. */
const pointsMax = 1_440;
/** What a service itself sends may be finer than a minute, and is kept so for three hours. */
const finePeriodMs = 10_000;
const fineKeptMs = 3 * 3_600_000;
/** Over more time than this, minutes say enough. */
const fineTotalMs = 3_600_000;
/** Between choosing the period and CloudWatch's answer. */
const marginMs = 5 * minuteMs;

/**
 * The period of a read in ms: what was asked for or a minute, made coarser until the oldest part is
 * still kept at it and no series has more than 1,440 points.
 * Retention:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
 */
export function periodFor(
  periods: readonly Window[],
  wantedStepMs: number | undefined,
  now: number,
): number {
  const oldest = Math.min(...periods.map((period) => period.from));
  const total = periods.reduce((sum, period) => sum + lengthMs(period), 0);
  const grain =
    now - oldest > fiveMinutesKeptMs
      ? 60 * minuteMs
      : now - oldest > minutesKeptMs
        ? 5 * minuteMs
        : minuteMs;
  const wanted = Math.max(grain, wantedStepMs ?? 0, Math.ceil(total / pointsMax));
  return Math.ceil(wanted / grain) * grain;
}

/**
 * 10 s where high-resolution metrics are still kept and the time is short; null elsewhere. A metric
 * of one-minute resolution answers with its minutes also then.
 */
export function finePeriodFor(
  periods: readonly Window[],
  wantedStepMs: number | undefined,
  now: number,
): number | null {
  const oldest = Math.min(...periods.map((period) => period.from));
  const total = periods.reduce((sum, period) => sum + lengthMs(period), 0);
  const isFine = now - oldest < fineKeptMs - marginMs && total <= fineTotalMs;
  return isFine && (wantedStepMs ?? 0) < minuteMs ? finePeriodMs : null;
}

/** Two stretches that leave out less than this share of the whole are asked as one. */
const nearShare = 0.1;

/**
 * Window and baseline as stretches to ask for. Where they touch, or nearly do, they are asked as
 * one: a call costs more than the minutes between them.
 */
export function stretchesOf(window: Window, baseline: Window | undefined): readonly Window[] {
  if (!baseline) return [window];
  const [first, second] = baseline.from <= window.from ? [baseline, window] : [window, baseline];
  const whole = { from: first.from, to: Math.max(first.to, second.to) };
  return second.from - first.to > nearShare * lengthMs(whole) ? [first, second] : [whole];
}

/**
 * A stretch cut to whole periods inside it and in the past: a period that is cut short would look
 * like a fall. A stretch shorter than one period keeps the one it lies in.
 */
export function wholePeriods(stretch: Window, periodMs: number, now: number): Window {
  const from = Math.ceil(stretch.from / periodMs) * periodMs;
  const to = Math.floor(Math.min(stretch.to, now) / periodMs) * periodMs;
  if (to > from) return { from, to };
  const start = Math.floor(stretch.from / periodMs) * periodMs;
  return { from: start, to: start + periodMs };
}

/** For what is published once per day: whole days, from two days before. */
export function wholeDays(stretches: readonly Window[]): Window {
  const from = Math.min(...stretches.map((stretch) => stretch.from));
  const to = Math.max(...stretches.map((stretch) => stretch.to));
  return { from: Math.floor(from / dayMs) * dayMs - 2 * dayMs, to: Math.ceil(to / dayMs) * dayMs };
}
