import type { DiagnosisContext } from "../context.ts";
import type { Sign, SignKind } from "./signs.ts";

/** A service and how much speaks for it being the cause. */
export interface ServiceScore {
  readonly service: string;
  /** 0..1 */
  readonly score: number;
  /** Strongest first. */
  readonly signs: readonly Sign[];
  /** An anomalous callee that explains part of what is seen here. */
  readonly explainedBy: string | null;
}

/** Share of a service's inherited signs that an anomalous callee can take away. */
const inheritance = 0.6;
/** Signs of one kind beyond the strongest say the same again. */
const repeat = 0.15;
/** What a service counts that the alarm's does not reach. */
const farReach = 0.6;
/** A sign of a resource this strong says that it runs short. */
const shortMin = 0.3;

/**
 * Fuses the signs of each service: independent kinds of evidence add up as chances do (noisy or),
 * repeats of one kind hardly at all. What a service shows only because a callee fails is
 * discounted, so that the loudest victim does not win.
 */
export function rankServices(
  context: DiagnosisContext,
  signs: readonly Sign[],
): readonly ServiceScore[] {
  const byService = new Map<string, Sign[]>();
  for (const sign of signs) {
    const known = byService.get(sign.service);
    if (known) known.push(sign);
    else byService.set(sign.service, [sign]);
  }
  const hasGraph = context.graph.callees.size > 0;
  const first = new Map<string, number>();
  for (const [service, list] of byService) first.set(service, fuse(list, null));
  return [...byService]
    .map(([service, list]) => {
      const blamed = hasGraph
        ? worstCallee(context, service, first)
        : shortestOfResources(service, byService);
      const isFelt = context.entry.length === 0 || context.depth.has(service);
      // Without a map, what runs short anywhere may be what the alarm's service waits for.
      const reach = isFelt || (!hasGraph && runsShort(list)) ? 1 : farReach;
      return {
        service,
        score: fuse(list, blamed) * reach,
        signs: [...list].sort((a, b) => b.strength - a.strength),
        explainedBy: blamed && blamed.score > 0.3 ? blamed.service : null,
      };
    })
    .sort((a, b) => b.score - a.score || a.service.localeCompare(b.service));
}

function runsShort(signs: readonly Sign[]): boolean {
  return signs.some((sign) => sign.kind === "resource" && sign.isOwn && sign.strength >= shortMin);
}

interface Blamed {
  readonly service: string;
  readonly score: number;
}

/** Chances of the kinds of signs together; what may be inherited counts less beside a culprit. */
function fuse(signs: readonly Sign[], blamed: Blamed | null): number {
  const discount = blamed ? 1 - inheritance * blamed.score : 1;
  const kinds = new Map<SignKind, number[]>();
  for (const sign of signs) {
    const isOwn = sign.isOwn && !(blamed && sign.unmeasured?.includes(blamed.service));
    const strength = isOwn ? sign.strength : sign.strength * discount;
    const known = kinds.get(sign.kind);
    if (known) known.push(strength);
    else kinds.set(sign.kind, [strength]);
  }
  let missed = 1;
  for (const strengths of kinds.values()) {
    strengths.sort((a, b) => b - a);
    const [top = 0, second = 0] = strengths;
    missed *= 1 - Math.min(0.99, top + repeat * second * (1 - top));
  }
  return 1 - missed;
}

/** Without a call graph any service may call any other: one that runs short explains the others. */
function shortestOfResources(
  service: string,
  byService: ReadonlyMap<string, readonly Sign[]>,
): Blamed | null {
  let worst: Blamed | null = null;
  for (const [other, signs] of byService) {
    if (other === service) continue;
    for (const sign of signs) {
      if (sign.kind !== "resource" || !sign.isOwn || sign.strength <= (worst?.score ?? 0)) continue;
      worst = { service: other, score: sign.strength };
    }
  }
  return worst;
}

function worstCallee(
  context: DiagnosisContext,
  service: string,
  scores: ReadonlyMap<string, number>,
): Blamed | null {
  let worst: Blamed | null = null;
  for (const callee of context.graph.callees.get(service) ?? []) {
    const score = scores.get(callee) ?? 0;
    if (!worst || score > worst.score) worst = { service: callee, score };
  }
  return worst;
}
