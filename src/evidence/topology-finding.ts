import type { Finding } from "../core/evidence.ts";
import type { Provenance } from "../core/outcome.ts";
import type { Edge } from "../core/rows.ts";
import type { Window } from "../core/window.ts";
import { say } from "./statement.ts";

/** Edges that a finding carries, for the priority's user path and the report's service map. */
const edgesMax = 500;

/** The whole call graph as one finding; none when no calls are known. */
export function topologyFinding(
  edges: readonly Edge[],
  window: Window,
  provenance: readonly Provenance[],
): Finding | null {
  if (edges.length === 0) return null;
  const services = new Set(edges.flatMap((edge) => [edge.from, edge.to]));
  return {
    key: "topology",
    layer: "application",
    kind: "topology",
    ...say("finding.calls", { services: services.size, edges: edges.length }),
    window,
    provenance,
    weight: 0.1,
    facts: { edges: edges.slice(0, edgesMax) },
  };
}
