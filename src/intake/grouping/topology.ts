import type { Edge } from "../../core/rows.ts";

/** Who calls whom, made for the questions that grouping asks. */
export interface Topology {
  /** Hops from caller to callee along calls: 0 for the same service, 1, 2, or null. */
  hops(caller: string, callee: string): 0 | 1 | 2 | null;
  knows(service: string): boolean;
}

/** Further away than two calls, an effect is no longer taken for one. */
export function topologyOf(edges: readonly Edge[]): Topology {
  const callees = new Map<string, Set<string>>();
  const names = new Set<string>();
  for (const { from, to } of edges) {
    names.add(from).add(to);
    if (from === to) continue;
    const known = callees.get(from);
    if (known) known.add(to);
    else callees.set(from, new Set([to]));
  }
  const reach = new Map([...names].map((name) => [name, within2(name, callees)] as const));
  return {
    knows: (service) => names.has(service),
    hops: (caller, callee) => (caller === callee ? 0 : (reach.get(caller)?.get(callee) ?? null)),
  };
}

function within2(name: string, callees: ReadonlyMap<string, Set<string>>): Map<string, 1 | 2> {
  const found = new Map<string, 1 | 2>();
  for (const direct of callees.get(name) ?? []) found.set(direct, 1);
  for (const direct of callees.get(name) ?? []) {
    for (const next of callees.get(direct) ?? []) {
      if (next !== name && !found.has(next)) found.set(next, 2);
    }
  }
  return found;
}
