import type { EdgeShift } from "./shifts.ts";

/** Time lost between services, laid at the door of the endpoint that explains it. */
export interface NetworkGap {
  readonly service: string;
  /** Extra ms on its edges that no worse endpoint explains. */
  readonly excessMs: number;
  /** Share of the calls over its edges that became slower. */
  readonly affected: number;
  /** 0..1: how surely, and how much for a request, weighed by the share of its calls. */
  readonly slowed: number;
}

const roundsMax = 10;

/**
 * A slow network interface delays every call to and from its service, so an edge alone does not
 * tell which end is at fault. The endpoint whose edges lost the most, weighed by how many of its
 * calls are affected, takes all of its edges; what remains is explained the same way.
 */
export function networkGaps(edges: readonly EdgeShift[]): readonly NetworkGap[] {
  let left = edges.filter((edge) => edge.gapExcessMs > 0 || edge.slowed > 0);
  const calls = callsByService(edges);
  const found: NetworkGap[] = [];
  for (let round = 0; round < roundsMax && left.length > 0; round++) {
    const best = worstEndpoint(left, calls);
    if (!best) break;
    found.push(best);
    left = left.filter(({ edge }) => edge.caller !== best.service && edge.callee !== best.service);
  }
  return found;
}

function worstEndpoint(
  edges: readonly EdgeShift[],
  calls: ReadonlyMap<string, number>,
): NetworkGap | null {
  const excess = new Map<string, number>();
  const touched = new Map<string, number>();
  const sure = new Map<string, number>();
  for (const { edge, gapExcessMs, slowed } of edges) {
    for (const service of [edge.callee, edge.caller]) {
      add(excess, service, gapExcessMs);
      add(touched, service, edge.window.calls);
      add(sure, service, slowed * edge.window.calls);
    }
  }
  let best: NetworkGap | null = null;
  let worst = 0;
  for (const [service, excessMs] of excess) {
    const all = calls.get(service) ?? 1;
    const affected = Math.min(1, (touched.get(service) ?? 0) / all);
    const slowed = Math.min(1, (sure.get(service) ?? 0) / all);
    const rank = (excessMs + 1) * affected * (slowed + 0.05);
    if (rank > worst) {
      worst = rank;
      best = { service, excessMs, affected, slowed };
    }
  }
  return best;
}

function add(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}

function callsByService(edges: readonly EdgeShift[]): ReadonlyMap<string, number> {
  const calls = new Map<string, number>();
  for (const { edge } of edges) {
    for (const service of [edge.callee, edge.caller]) {
      calls.set(service, (calls.get(service) ?? 0) + edge.window.calls);
    }
  }
  return calls;
}
