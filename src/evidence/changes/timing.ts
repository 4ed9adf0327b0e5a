import type { EpochMs, Window } from "../../core/window.ts";
import type { Movement } from "../metrics/movements.ts";
import type { Effect } from "./effects.ts";
import type { ChangeUnit } from "./units.ts";

/** How a change lies in time against what moved. */
export interface Timing {
  /** 0..1: how well it fits; decays from a change to what it would have started. */
  readonly fit: number;
  /** Went live, where it matters; null when it never did. */
  readonly liveAt: EpochMs | null;
  /** What began right after it, when not the onset itself. */
  readonly movement: Movement | null;
  readonly verdict: "fits" | "too-late" | "not-deployed" | "far";
  /** A harmful movement of the same sort that was under way before the change. */
  readonly earlier: Movement | null;
}

/** A change loses 63 % of its fit for each 25 minutes without effect; never decides alone. */
const decayMs = 25 * 60_000;
/** Deploys take effect a little before they are reported done, and metrics lag: points of slack. */
const slackSteps = 1.5;
/** Something under way this many points before the change was not started by it. */
const earlierSteps = 4;
const farFit = 0.15;

export interface TimingContext {
  readonly onset: { readonly at: EpochMs; readonly interval: Window } | null;
  /** Harmful or unexplained movements, on services that matter here. */
  readonly movements: readonly Movement[];
  /** Usual distance of points, ms: nothing can be dated more finely. */
  readonly stepMs: number;
  /** What the incident's errors look like. */
  readonly errorEffects: ReadonlySet<Effect>;
}

/** Judges the moments at which a change went live against the onset and the movements around it. */
export function timingOf(
  unit: ChangeUnit,
  places: ReadonlySet<string>,
  context: TimingContext,
): Timing {
  const carriers = unit.carriers.filter((c) => places.has(c.service) || c.service === "");
  const live = carriers.length > 0 ? carriers : unit.carriers;
  if (live.length === 0) {
    return { fit: 0, liveAt: null, movement: null, verdict: "not-deployed", earlier: null };
  }
  const tries = live.map((carrier) => timingAt(unit, carrier.at, context));
  return tries.sort((a, b) => b.fit - a.fit || (a.liveAt ?? 0) - (b.liveAt ?? 0))[0]!;
}

function timingAt(unit: ChangeUnit, at: EpochMs, context: TimingContext): Timing {
  const { onset } = context;
  const effects = new Set(unit.traits.flatMap((trait) => trait.effects));
  let fit =
    onset && at <= onset.interval.to + slackSteps * context.stepMs ? decayed(onset.at - at) : 0;
  let movement: Movement | null = null;
  for (const move of context.movements) {
    if (at > move.onset.interval.to + slackSteps * context.stepMs) continue;
    const isKin = move.effects.some((effect) => effects.has(effect));
    const mine = decayed(move.onset.at - at) * (isKin ? 1 : 0.6);
    if (mine <= fit) continue;
    fit = mine;
    movement = move;
  }
  const earlier = earlierMovement(unit, at, context);
  const isLate =
    onset !== null && at > onset.interval.to + slackSteps * context.stepMs && fit === 0;
  const verdict = isLate ? "too-late" : fit < farFit ? "far" : "fits";
  return { fit, liveAt: at, movement, verdict, earlier };
}

/** A movement that looks like the incident itself and began clearly before the change. */
function earlierMovement(unit: ChangeUnit, at: EpochMs, context: TimingContext): Movement | null {
  const found = context.movements.filter(
    (move) =>
      move.isHarmful &&
      (unit.service === null || move.service === unit.service) &&
      move.onset.interval.to < at - earlierSteps * context.stepMs &&
      move.effects.some((effect) => context.errorEffects.has(effect)),
  );
  return found.sort((a, b) => a.onset.at - b.onset.at)[0] ?? null;
}

function decayed(lagMs: number): number {
  return Math.exp(-Math.max(0, lagMs) / decayMs);
}
