import type { Points } from "../../core/frame.ts";
import type { Observations, Series } from "../../core/rows.ts";
import type { Window } from "../../core/window.ts";
import { type Effect, effectsOf } from "../changes/effects.ts";
import { findClimb } from "../statistics/climb.ts";
import { findExcursion } from "../statistics/excursion.ts";
import { findOnset, type Onset } from "../statistics/onset.ts";
import { stepOf, valuesIn } from "../statistics/period.ts";
import { median, summarise } from "../statistics/robust.ts";
import { type Meaning, meaningOf } from "./metric-meaning.ts";
import { asRate } from "./shift.ts";

/** A metric that left its level. */
export interface Movement {
  readonly service: string;
  readonly metric: string;
  readonly meaning: Meaning;
  readonly onset: Onset;
  readonly isHarmful: boolean;
  /** It began with the incident, or climbed steadily into it; otherwise it may be everyday life. */
  readonly isTimely: boolean;
  readonly effects: readonly Effect[];
}

/** A movement weaker than this many scatters is not spoken of. */
const strengthMin = 4;
const movementsMax = 400;
/** A climb that counts however early it began ends at this many times its level. */
const growthMin = 1.5;
/** A climb by less than this share of the level is drift. */
const riseShareMin = 0.25;

/** Metrics that left their level at some time of baseline or window, strongest first. */
export function movementsOf(observations: Observations): Movement[] {
  const span = spanOf(observations);
  const derived = [...observations.spanSeries, ...errorVolumes(observations.logVolume)];
  const found: Movement[] = [];
  for (const raw of [...derived, ...mostShifted(observations)].slice(0, movementsMax)) {
    const movement = movementOf(raw, span, observations.window);
    if (movement) found.push(movement);
  }
  return found.sort((a, b) => Math.abs(b.onset.strength) - Math.abs(a.onset.strength));
}

/** Lines at error level are errors, whatever the series of their volume is called. */
function errorVolumes(volumes: readonly Series[]): Series[] {
  return volumes
    .filter((series) => /error|fatal/i.test(series.metric))
    .map((series) => ({ ...series, metric: `${series.metric}_errors` }));
}

/** All series, or in a large estate those that differ most between normal time and incident. */
function mostShifted({ series, window, baseline }: Observations): readonly Series[] {
  if (series.length <= movementsMax) return series;
  const sized = series.map((item) => {
    const usual = summarise(valuesIn(item.points, baseline));
    const now = median(valuesIn(item.points, window));
    const scale = usual.noise + 0.05 * Math.abs(usual.median);
    const size = Math.abs(now - usual.median) / (scale > 0 ? scale : 1);
    return { item, size: Number.isFinite(size) ? size : 0 };
  });
  return sized.sort((a, b) => b.size - a.size).map(({ item }) => item);
}

function movementOf(raw: Series, span: Window, window: Window): Movement | null {
  const meaning = meaningOf(raw);
  const series = asRate(raw);
  const inside = series.points.times.findIndex((time) => time >= span.from);
  if (inside < 0) return null;
  const cut = {
    times: series.points.times.subarray(inside),
    values: series.points.values.subarray(inside),
  };
  const climb = climbOf(cut);
  const excursion = climb ? null : findExcursion(cut);
  if (!climb && !excursion) return null;
  const until = excursion?.isOver
    ? cut.times.findIndex((time) => time >= excursion.window.to)
    : cut.times.length;
  const head = { times: cut.times.subarray(0, until), values: cut.values.subarray(0, until) };
  const onset = climb ?? findOnset(head, strengthMin);
  if (!onset) return null;
  const rises = onset.strength > 0;
  const isHarmful = meaning.harm === (rises ? "up" : "down");
  const effects = effectsOf(raw.metric.replace(/[._]/g, " "));
  const step = stepOf(cut.times) || 0;
  const grows = Math.abs(onset.levelAfter) >= growthMin * Math.abs(onset.levelBefore);
  const isTimely = onset.interval.to >= window.from - 2 * step || (climb !== null && grows);
  const { service, metric } = raw;
  return { service, metric, meaning, onset, isHarmful, isTimely, effects };
}

/** A climb as an onset, when a climb describes the series well and better than a step does. */
function climbOf(points: Points): Onset | null {
  const climb = findClimb(points);
  if (!climb || climb.explained < 0.85 || climb.explained < climb.explainedByStep + 0.05)
    return null;
  const rise = climb.levelAfter - climb.levelBefore;
  const scale = Math.max(Math.abs(climb.levelBefore), Math.abs(climb.levelAfter) * 0.1);
  if (Math.abs(rise) < riseShareMin * scale) return null;
  const strength = Math.sign(rise) * strengthMin * (1 + climb.explained);
  return { ...climb, strength, isRamp: true };
}

/** Baseline and window as one stretch: precursors may lie in what counted as normal. */
export function spanOf(observations: Observations): Window {
  return {
    from: Math.min(observations.baseline.from, observations.window.from),
    to: Math.max(observations.baseline.to, observations.window.to),
  };
}
