import { severityRank } from "../../core/query.ts";
import type { AttributeStats, LogPattern, Observations, Series } from "../../core/rows.ts";
import { type EpochMs, lengthMs } from "../../core/window.ts";
import { type Effect, effectsOf } from "../changes/effects.ts";
import { findSegments, type Segment } from "../logs/segments.ts";
import { type Movement, movementsOf } from "../metrics/movements.ts";
import { stepOf } from "../statistics/period.ts";
import { median } from "../statistics/robust.ts";
import { findAmplification } from "../traces/amplification.ts";

/** The alarm, as far as causes are concerned. */
export interface AlarmHint {
  readonly service: string | null;
  readonly metric: string | null;
  readonly name: string | null;
  readonly summary: string | null;
  readonly firedAt: EpochMs | null;
}

/** A text that appeared with the incident: what causes are matched against. */
export interface Symptom {
  readonly source: "log" | "span" | "alarm" | "metric";
  readonly service: string;
  readonly text: string;
  /** 0..1: how surely it belongs to the incident. */
  readonly weight: number;
  readonly isError: boolean;
  readonly count: number;
  /** First time seen; NaN when unknown. */
  readonly at: EpochMs;
  readonly effects: readonly Effect[];
}

export interface Symptoms {
  readonly texts: readonly Symptom[];
  readonly movements: readonly Movement[];
  /** Parts of the traffic that fail while the rest passes. */
  readonly segments: readonly Segment[];
  /** Texts of normal time that stopped, with the ones that stand there now. */
  readonly vanished: readonly { readonly service: string; readonly before: string }[];
  /** Usual distance of metric points, ms. */
  readonly stepMs: number;
  /** Strength 0..1 with which each effect is seen. */
  readonly effects: ReadonlyMap<Effect, number>;
}

/** Everything that appeared, moved or vanished with the incident. */
export function symptomsOf(observations: Observations, alarm: AlarmHint): Symptoms {
  const movements = movementsOf(observations);
  const exposure = exposureOf(observations);
  const texts = [
    ...alarmTexts(alarm),
    ...observations.logPatterns.flatMap((p) => logSymptom(p, exposure)),
    ...observations.attributes.flatMap(attributeSymptom),
    ...movements.filter((m) => m.isHarmful).map(metricSymptom),
  ];
  return {
    texts,
    movements,
    segments: findSegments(observations.attributes),
    vanished: vanishedTexts(observations.attributes),
    stepMs: usualStep(observations.series),
    effects: effectStrengths(texts, findAmplification(observations).length > 0),
  };
}

function alarmTexts(alarm: AlarmHint): Symptom[] {
  const text = [alarm.summary, alarm.metric, alarm.name].filter(Boolean).join(" · ");
  if (text === "") return [];
  return [
    {
      source: "alarm",
      service: alarm.service ?? "",
      text,
      weight: 0.7,
      isError: true,
      count: 1,
      at: alarm.firedAt ?? Number.NaN,
      effects: effectsOf(text),
    },
  ];
}

/** A known line needs this many more than twice its usual count. */
const linesMin = 3;

/**
 * Lines to expect in the window per line of the baseline: as ordinary lines went, since the two
 * recordings may cover different times; by length when there are none.
 */
function exposureOf({ logPatterns, window, baseline }: Observations): number {
  let now = 0;
  let usual = 0;
  for (const pattern of logPatterns) {
    if (severityRank(pattern.severity) >= warnRank || pattern.baselineCount === 0) continue;
    now += pattern.windowCount;
    usual += pattern.baselineCount;
  }
  if (now > 0 && usual > 0) return now / usual;
  return Math.max(lengthMs(window), 60_000) / Math.max(lengthMs(baseline), 60_000);
}

/** Lines that announce a change are no symptom of it. */
const announcement =
  /feature.?flag|\bflag\b|start(ed|ing)|listening|deploy|initiali[sz]ed|version/i;
const warnRank = severityRank("warn");

/** A pattern counts by its severity and by how new it is; ordinary lines do not count at all. */
function logSymptom(pattern: LogPattern, exposure: number): Symptom[] {
  if (pattern.windowCount === 0) return [];
  const rank = severityRank(pattern.severity);
  const isBad = rank >= warnRank;
  if (rank < severityRank("info")) return [];
  const expected = pattern.baselineCount * exposure;
  const isNew = pattern.baselineCount === 0;
  if (
    (!isNew && pattern.windowCount < 2 * expected + linesMin) ||
    (!isBad && announcement.test(pattern.pattern))
  )
    return [];
  const weight = (isBad ? 1 : 0.25) * (isNew ? 1 : 0.7);
  const text = pattern.example || pattern.pattern;
  return [
    {
      source: "log",
      service: pattern.service,
      text,
      weight,
      isError: isBad,
      count: pattern.windowCount,
      at: pattern.firstAt,
      effects: isBad ? effectsOf(text) : [],
    },
  ];
}

const telling =
  /error|exception|message|statement|query|reason|\bcode\b|status|flag|feature|fault|stack/i;
/** Where a call went: it names things, and failing calls go where passing ones go. */
const places = /url|host|peer|address|route|path/i;

/** A span's attribute counts when failing spans carry it, or when its text is new. */
function attributeSymptom(stats: AttributeStats): Symptom[] {
  if (stats.windowCount === 0 || !/[A-Za-z]{3}/.test(stats.value)) return [];
  const isError = stats.windowErrors > 0 && stats.windowErrors >= stats.windowCount / 2;
  const isNew = stats.baselineCount === 0;
  const isPlace = places.test(stats.key);
  if (!(isPlace || telling.test(stats.key)) || !(isError || isNew)) return [];
  return [
    {
      source: "span",
      service: stats.service,
      text: stats.value,
      weight: (isError ? 1 : 0.6) * (isPlace ? 0.4 : 1),
      isError,
      count: stats.windowCount,
      at: Number.NaN,
      effects: isPlace ? [] : effectsOf(isError ? stats.value : `${stats.key} ${stats.value}`),
    },
  ];
}

function metricSymptom(movement: Movement): Symptom {
  return {
    source: "metric",
    service: movement.service,
    text: movement.metric,
    weight: movement.isTimely ? 0.5 : 0.2,
    isError: movement.meaning.signal === "errors",
    count: 1,
    at: movement.onset.at,
    effects: movement.effects,
  };
}

/**
 * Long texts that spans carried in normal time and carry no more: a statement without its LIMIT.
 */
function vanishedTexts(attributes: readonly AttributeStats[]) {
  return attributes
    .filter((a) => a.windowCount === 0 && a.baselineCount > 0 && /[A-Za-z]{3}.*\s/.test(a.value))
    .filter((a) =>
      attributes.some((b) => b.service === a.service && b.key === a.key && b.windowCount > 0),
    )
    .map((a) => ({ service: a.service, before: a.value }));
}

function effectStrengths(
  texts: readonly Symptom[],
  isAmplified: boolean,
): ReadonlyMap<Effect, number> {
  // Calls per request were counted, which says more than any word about them.
  const strengths = new Map<Effect, number>(isAmplified ? [["amplification", 1]] : []);
  for (const symptom of texts) {
    const strength = symptom.source === "metric" ? symptom.weight * 1.6 : symptom.weight;
    for (const effect of symptom.effects) {
      strengths.set(effect, Math.max(strengths.get(effect) ?? 0, strength));
    }
  }
  return strengths;
}

/** Median step of the series; a minute when there are none. */
function usualStep(series: readonly Series[]): number {
  const steps = series.slice(0, 50).map((item) => stepOf(item.points.times));
  const usual = median(steps);
  return Number.isFinite(usual) && usual > 0 ? usual : 60_000;
}
