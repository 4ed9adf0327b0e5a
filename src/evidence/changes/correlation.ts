import type { Finding } from "../../core/evidence.ts";
import type { Message } from "../../core/message.ts";
import type { Change, Observations } from "../../core/rows.ts";
import type { EpochMs, Window } from "../../core/window.ts";
import { buildCallGraph, type CallGraph, distances } from "../call-graph.ts";
import { coreName, knownServices } from "../causes/service-names.ts";
import type { Symptoms } from "../causes/symptoms.ts";
import { termsOf } from "../causes/terms.ts";
import type { Trait } from "./diff-traits.ts";
import type { Effect } from "./effects.ts";
import { changeFindings } from "./findings.ts";
import { type Timing, timingOf } from "./timing.ts";
import { type ChangeUnit, changeUnits } from "./units.ts";
import {
  type ChangeTerms,
  changeTerms,
  documentFrequency,
  type SharedWord,
  sharedWords,
  wordsScore,
} from "./words.ts";

/** What is known of the incident when changes are judged. */
export interface ChangeContext {
  readonly onset: { readonly at: EpochMs; readonly interval: Window } | null;
  /** First failing service, as far as it is known. */
  readonly firstFailing: string | null;
  /** Services with failures or slowness of their own or of others. */
  readonly failing: readonly string[];
  readonly symptoms: Symptoms;
}

/** A change with everything that speaks for and against its guilt. */
export interface ChangeCandidate {
  readonly ref: string;
  readonly change: Pick<Change, "ref" | "kind" | "service" | "title" | "timestamp">;
  /** Service it went live on, null when that could not be told. */
  readonly service: string | null;
  readonly unit: ChangeUnit;
  /** Log-odds-like sum of the parts below; about 0 is even, compare within one incident only. */
  readonly score: number;
  /** Words and mechanism alone: what explains rather than coincides. 0..7. */
  readonly explained: number;
  readonly parts: ScoreParts;
  readonly words: readonly SharedWord[];
  readonly trait: Trait | null;
  readonly timing: Timing;
  /** "deploy 4.12.0 of catalog at 09:06" */
  readonly name: string;
  /** One sentence of ours: how this produces the symptom. */
  readonly mechanism: string;
  readonly message: Message;
  readonly reasons: readonly Finding[];
  readonly contradicting: readonly Finding[];
}

export interface ScoreParts {
  readonly words: number;
  readonly mechanism: number;
  readonly timing: number;
  readonly place: number;
  readonly nature: number;
}

/** Nothing is guilty until shown so: few changes of a window cause its incident. */
const prior = -3;
const timingWeight = 1.5;
const tooLate = -6;
const notDeployed = -3;
const farAway = -1;
const underWayBefore = -2;
const harmless = -4;
const dependencyBump = -1.5;
const movedOnly = -2;
/** How much an effect says about its cause: nearly everything ends in a timeout. */
const specificity: Partial<Record<Effect, number>> = {
  timeout: 0.5,
  connectivity: 0.6,
  cpu: 0.7,
  amplification: 0.8,
  missing: 0.8,
  crash: 0.8,
};

/**
 * Ranks the changes of the window by mechanism, words, place and timing; never by recency alone.
 */
export function correlateChanges(
  observations: Observations,
  context: ChangeContext,
): ChangeCandidate[] {
  const services = knownServices(observations);
  const units = changeUnits(observations.changes, services);
  const terms = units.map(changeTerms);
  const frequency = documentFrequency(terms);
  const names = new Set(services.flatMap((s) => [...termsOf(`${s} ${coreName(s)}`).keys()]));
  const graph = buildCallGraph(observations.topology, observations.edges);
  const words = { frequency, total: units.length, names };
  return units
    .map((unit, i) => candidateOf(unit, terms[i]!, words, graph, observations, context))
    .sort((a, b) => b.score - a.score || a.ref.localeCompare(b.ref));
}

function candidateOf(
  unit: ChangeUnit,
  terms: ChangeTerms,
  wordContext: Parameters<typeof sharedWords>[3],
  graph: CallGraph,
  observations: Observations,
  context: ChangeContext,
): ChangeCandidate {
  const words = sharedWords(unit, terms, context.symptoms, wordContext);
  const { trait, value } = bestTrait(unit, context.symptoms);
  const near = nearServices(unit, graph, context);
  const timing = timingOf(unit, near, {
    onset: context.onset,
    movements: context.symptoms.movements.filter((m) => near.has(m.service)),
    stepMs: context.symptoms.stepMs,
    errorEffects: errorEffects(context.symptoms),
  });
  const parts: ScoreParts = {
    words: wordsScore(words),
    mechanism: value,
    timing: timingScore(timing),
    place: placeScore(unit, graph, context),
    nature: natureScore(unit, words, trait),
  };
  const explained = parts.words + parts.mechanism;
  const score = prior + explained + parts.timing + parts.place + parts.nature;
  const service = unit.service ?? unit.carriers[0]?.service ?? null;
  const { ref, kind, title } = unit;
  const at = timing.liveAt ?? unit.writtenAt;
  const change = { ref, kind, title, service: service ?? "", timestamp: at };
  const judged = { ref, change, service, unit, score, explained, parts, words, trait, timing };
  return { ...judged, ...changeFindings(judged, observations) };
}

/** The service on which a change showed first: its own, or for shared code the first carrier's. */
export function homeOfChange({ unit }: ChangeCandidate): string | null {
  if (unit.isShared) return unit.carriers[0]?.service || unit.service;
  return unit.service ?? (unit.carriers[0]?.service || null);
}

/** The trait whose effect is seen most clearly, by risk times how visible the effect is. */
function bestTrait(unit: ChangeUnit, symptoms: Symptoms): { trait: Trait | null; value: number } {
  let best: { trait: Trait | null; value: number } = { trait: null, value: 0 };
  for (const trait of unit.traits) {
    for (const effect of trait.effects) {
      const seen = (symptoms.effects.get(effect) ?? 0) * (specificity[effect] ?? 1);
      if (trait.risk * seen > best.value) best = { trait, value: trait.risk * seen };
    }
  }
  return best;
}

function errorEffects(symptoms: Symptoms): ReadonlySet<Effect> {
  return new Set(symptoms.texts.filter((s) => s.source !== "metric").flatMap((s) => s.effects));
}

/** Services on which this change could show: its own, its carriers', and those it talks to. */
function nearServices(
  unit: ChangeUnit,
  graph: CallGraph,
  context: ChangeContext,
): ReadonlySet<string> {
  const homes = unit.isShared
    ? unit.carriers.map((c) => c.service)
    : [unit.service ?? unit.carriers[0]?.service ?? ""];
  const near = new Set(homes);
  for (const home of homes) {
    for (const other of graph.callees.get(home) ?? []) near.add(other);
    for (const other of graph.callers.get(home) ?? []) near.add(other);
  }
  if (homes.every((home) => home === "")) for (const service of context.failing) near.add(service);
  return near;
}

function timingScore(timing: Timing): number {
  const under = timing.earlier ? underWayBefore : 0;
  switch (timing.verdict) {
    case "not-deployed":
      return notDeployed;
    case "too-late":
      return tooLate;
    case "far":
      return farAway + under;
    case "fits":
      return timingWeight * timing.fit + under;
  }
}

function placeScore(unit: ChangeUnit, graph: CallGraph, context: ChangeContext): number {
  const { firstFailing, failing } = context;
  if (firstFailing === null) return 0;
  const homes = unit.isShared
    ? unit.carriers.map((c) => c.service)
    : [unit.service ?? unit.carriers[0]?.service ?? ""];
  if (homes.includes(firstFailing)) return unit.isShared ? 0.8 : 1;
  if (homes.some((home) => failing.includes(home))) return 0.4;
  if (homes.every((home) => home === "")) return 0;
  const down = distances([firstFailing], graph.callees);
  const up = distances([firstFailing], graph.callers);
  const hops = Math.min(...homes.map((home) => Math.min(down.get(home) ?? 9, up.get(home) ?? 9)));
  if (hops <= 1) return 0.4;
  if (hops <= 3) return 0;
  return graph.callees.size + graph.callers.size === 0 ? -0.5 : -1.5;
}

function natureScore(unit: ChangeUnit, words: readonly SharedWord[], trait: Trait | null): number {
  switch (unit.nature) {
    case "documents":
    case "tests":
    case "looks":
    case "tooling":
    case "elsewhere":
      return harmless;
    case "dependencies":
      return words.some((w) => w.isCompound && w.side !== "near") ? 0 : dependencyBump;
    case "code": {
      const isSource = unit.kind === "commit" || unit.kind === "deploy";
      const isMoved = isSource && unit.diff !== null && unit.keptShare >= 0.9 && trait === null;
      return isMoved ? movedOnly : 0;
    }
  }
}
