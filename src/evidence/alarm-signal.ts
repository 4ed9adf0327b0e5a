import type { Finding } from "../core/evidence.ts";
import type { Observations, Series } from "../core/rows.ts";
import { buildContext, type DiagnosisContext, type DiagnosisInput } from "./context.ts";
import { alarmSeries, badness, type IncidentOnset } from "./incident-onset.ts";
import { drawnSpan } from "./metrics/anomaly-findings.ts";
import { chartOf } from "./metrics/chart-lines.ts";
import { type Periods, type Shift, shiftOf } from "./metrics/shift.ts";
import { atInterval, quantity } from "./quantity.ts";
import { named, say } from "./statement.ts";
import { chanceInPast } from "./statistics/past-excursions.ts";
import { valuesIn } from "./statistics/period.ts";
import { rankSum } from "./statistics/rank-sum.ts";
import { finite } from "./statistics/robust.ts";

/** What the alarm's own signal does: the first thing to check about an alarm. */
export type AlarmSignal =
  | {
      readonly kind: "abnormal";
      readonly shift: Shift;
      /** How often normal time shows as much, 0..1; null when its past is too short to tell. */
      readonly chance: number | null;
      /** The alarm's threshold, where no value of the window reaches it; null otherwise. */
      readonly shortOf: number | null;
    }
  | { readonly kind: "normal"; readonly shift: Shift }
  | { readonly kind: "unseen" };

/** A signal this close to its level is within its noise. */
const normalDeviationsMax = 3;
/**
 * A level is another one for good: by this share of the old, and beyond chance by so many
 * deviations.
 */
const lastingShare = 0.3;
const lastingDeviations = 5;
/** An excursion that normal time shows this often is normal. */
const rareMax = 0.1;

/**
 * Judges the alarm's series that moved most. `normal` also where it moved to the harmless side;
 * `unseen` where no series is the alarm's, or none could be compared with its past.
 */
export function alarmSignal(context: DiagnosisContext): AlarmSignal {
  const shifts = alarmSeries(context.alarm, context.observations.series)
    .map((series) => shiftOf(series, context.periods))
    .filter((shift) => shift !== null)
    .sort((a, b) => Math.abs(b.deviations) - Math.abs(a.deviations));
  const shift = shifts[0];
  if (!shift) return { kind: "unseen" };
  const isHarmful = shift.isHarmful || shift.meaning.harm === "either";
  const chance = chanceOf(shift, context);
  const isAbnormal = isHarmful && (chance === null ? isFar(shift, context) : chance < rareMax);
  if (!isAbnormal) return { kind: "normal", shift };
  return { kind: "abnormal", shift, chance, shortOf: shortOf(shift, context) };
}

/**
 * What all conclude from. An alarm whose signal stays within its noise tells nothing about when: the largest blip of it
 * would hide what other signals did before and after.
 */
export function contextOf(input: DiagnosisInput): DiagnosisContext {
  const context = buildContext(input);
  const isBlip = context.onset?.isAlarmSignal && alarmSignal(context).kind === "normal";
  return isBlip ? buildContext(input, true) : context;
}

/**
 * Known only where the threshold lies on the harmful side of normal time, in the signal's own unit.
 */
function shortOf({ series, meaning, before }: Shift, context: DiagnosisContext): number | null {
  const { threshold } = context.alarm;
  const values = finite(valuesIn(series.points, context.observations.window));
  if (threshold === null || values.length === 0 || meaning.harm === "either") return null;
  const isAbove = meaning.harm === "up";
  if (isAbove ? threshold <= before : threshold >= before) return null;
  const isReached = isAbove
    ? values.some((value) => value >= threshold)
    : values.some((value) => value <= threshold);
  return isReached ? null : threshold;
}

/** Judged by the signal's own past, where that is long enough; null otherwise. */
function chanceOf(shift: Shift, { observations }: DiagnosisContext): number | null {
  const points = badness(shift.series.points, shift.meaning);
  return chanceInPast(points, observations.window, observations.baseline);
}

/** A short past has little scatter to speak of: then a clear excursion in the window counts too. */
function isFar(shift: Shift, { onset, periods }: DiagnosisContext): boolean {
  const isPlaced = onset?.isAlarmSignal === true && Math.abs(onset.excursion.strength) >= 2.5;
  return isPlaced || Math.abs(shift.deviations) > normalDeviationsMax || isLasting(shift, periods);
}

/**
 * A level that changed by much and for long, though no single point lies outside the scatter of the
 * past: counts of a handful per point scatter widely, and yet their sum tells (rank sum test).
 */
function isLasting({ series, before, during }: Shift, periods: Periods): boolean {
  if (Math.abs(during - before) < lastingShare * Math.abs(before)) return false;
  const past = finite(valuesIn(series.points, periods.baseline));
  const now = finite(valuesIn(series.points, periods.during));
  return Math.abs(rankSum(past, now)) >= lastingDeviations;
}

/** The alarm checked against its own signal, as a finding. */
export function alarmFinding(signal: AlarmSignal, context: DiagnosisContext): Finding | null {
  const { alarm, observations } = context;
  if (alarm.metric === null) return null;
  const key = `alarm:${alarm.fingerprint}`;
  if (signal.kind === "unseen") {
    // Not seen because it could not be read is a gap, and says nothing about the telemetry.
    if (observations.gaps.some(({ what }) => what.startsWith("metric series"))) return null;
    return {
      key,
      layer: "application",
      kind: "alarm",
      ...(alarm.service ? { service: alarm.service } : {}),
      ...say("finding.alarm-unseen", {
        signal: named(alarm.metric),
        service: named(alarm.service ?? "any service"),
      }),
      window: observations.window,
      provenance: observations.provenance["metric-series"] ?? [],
      weight: 0.2,
    };
  }
  const { shift } = signal;
  const { unit } = shift.meaning;
  const short = signal.kind === "abnormal" ? signal.shortOf : null;
  const isNormal = signal.kind === "normal" || short !== null;
  return {
    key,
    layer: shift.meaning.layer,
    kind: isNormal ? "normal" : "alarm",
    service: shift.series.service,
    ...say(alarmSentence(signal.kind, short), {
      signal: named(shift.series.metric),
      service: named(shift.series.service),
      now: quantity(shift.during, unit),
      before: quantity(shift.before, unit),
      ...(short === null ? {} : { threshold: quantity(short, unit) }),
    }),
    value: shift.during,
    baseline: shift.before,
    ...(unit ? { unit } : {}),
    effect: shift.deviations,
    effectKind: "deviations",
    window: observations.window,
    provenance: observations.provenance["metric-series"] ?? [],
    weight: 0.7,
    chart: chartOf(shift.series, drawnSpan(observations), unit),
  };
}

function alarmSentence(kind: "abnormal" | "normal", shortOf: number | null) {
  if (kind === "normal") return "finding.alarm-normal";
  return shortOf === null ? "finding.alarm-confirmed" : "finding.alarm-short";
}

/** When it began, and by which signal that is known. */
export function onsetFinding(onset: IncidentOnset, observations: Observations): Finding {
  return {
    key: "onset",
    layer: "application",
    kind: "onset",
    service: onset.series.service,
    ...say("finding.onset", {
      when: atInterval(onset.at, onset.interval),
      signal: named(onset.series.metric),
      service: named(onset.series.service),
    }),
    at: onset.at,
    atInterval: onset.interval,
    window: observations.window,
    provenance: provenanceOf(onset.series, observations),
    weight: 0.6,
    chart: chartOf(onset.series, drawnSpan(observations), onset.series.unit),
  };
}

function provenanceOf(series: Series, observations: Observations) {
  const kind = observations.spanSeries.some((item) => item.metric === series.metric)
    ? "span-series"
    : "metric-series";
  return observations.provenance[kind] ?? [];
}
