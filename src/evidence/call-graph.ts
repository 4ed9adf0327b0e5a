import type { Edge, EdgeStats } from "../core/rows.ts";

/** Who calls whom, from the topology and from observed calls. */
export interface CallGraph {
  readonly callees: ReadonlyMap<string, ReadonlySet<string>>;
  readonly callers: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Names are taken as they stand. A service that calls itself is no edge. */
export function buildCallGraph(
  topology: readonly Edge[],
  edges: readonly EdgeStats[] = [],
): CallGraph {
  const callees = new Map<string, Set<string>>();
  const callers = new Map<string, Set<string>>();
  const add = (from: string, to: string) => {
    if (from === to) return;
    addTo(callees, from, to);
    addTo(callers, to, from);
  };
  for (const edge of topology) add(edge.from, edge.to);
  for (const edge of edges) add(edge.caller, edge.callee);
  return { callees, callers };
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key);
  if (known) known.add(value);
  else map.set(key, new Set([value]));
}

/** Calls away from `start`: 0 for itself, absent when it cannot be reached. Stops at cycles. */
export function distances(
  start: readonly string[],
  next: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>(start.map((name) => [name, 0]));
  const queue = [...start];
  for (let i = 0; i < queue.length; i++) {
    const name = queue[i]!;
    for (const other of next.get(name) ?? []) {
      if (found.has(other)) continue;
      found.set(other, found.get(name)! + 1);
      queue.push(other);
    }
  }
  return found;
}

/**
 * Nodes of the telemetry that an alarm's service name stands for. Telemetry often decorates names
 * with a type or an instance (`checkout` against `checkout_AWS::ECS::Fargate` or `checkout-7d9f`),
 * so an exact match wins and otherwise every name that continues after a separator counts.
 */
export function matchServices(name: string | null, known: Iterable<string>): readonly string[] {
  if (!name) return [];
  const wanted = name.toLowerCase();
  const all = [...known];
  const exact = all.filter((service) => service.toLowerCase() === wanted);
  if (exact.length > 0) return exact;
  return all.filter((service) => {
    const lower = service.toLowerCase();
    return lower.startsWith(wanted) && /^[^a-z0-9]/.test(lower.slice(wanted.length));
  });
}
