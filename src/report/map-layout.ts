import type { Report } from "../core/report.ts";

/** A service on the map; `x` and `y` are its left upper corner, in pixels. */
export interface MapNode {
  readonly service: string;
  readonly role: "cause" | "first" | "victim" | "fine";
  readonly x: number;
  readonly y: number;
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  /** Where the line goes, from the middle of the caller's side to that of the callee's. */
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface MapLayout {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  readonly width: number;
  readonly height: number;
  /** Services left out because the map has room for `nodesMax`. */
  readonly hidden: number;
}

export const nodeSize = { width: 168, height: 46 };
const nodesMax = 30;

/** What we use of a dagre graph, whose own declarations do not resolve for Node's modules. */
interface LaidOut {
  setGraph(options: Record<string, number | string>): void;
  setNode(name: string, size: typeof nodeSize): void;
  setEdge(from: string, to: string, options: object): void;
  graph(): { readonly width?: number; readonly height?: number };
  /** The middle of a node. */
  node(name: string): Point;
  edges(): readonly { readonly v: string; readonly w: string }[];
  edge(edge: { readonly v: string; readonly w: string }): {
    readonly points?: readonly Point[];
  };
}

/**
 * Callers left of callees, layer by layer, lines led around the services between. When there are
 * too many services, the cause, the first to fail, the victims and their neighbours stay. Null
 * without a topology.
 */
export async function layoutMap(report: Report): Promise<MapLayout | null> {
  const calls = report.topology.filter((edge) => edge.from !== edge.to);
  if (calls.length === 0) return null;
  const all = new Set(calls.flatMap((edge) => [edge.from, edge.to]));
  const kept = keep(report, all);
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph() as LaidOut;
  graph.setGraph({ rankdir: "LR", nodesep: 22, ranksep: 72, edgesep: 12 });
  for (const service of kept) graph.setNode(service, { ...nodeSize });
  for (const { from, to } of calls) {
    if (kept.has(from) && kept.has(to)) graph.setEdge(from, to, {});
  }
  layout(graph);
  const nodes = [...kept].map((service) => {
    const { x, y } = graph.node(service);
    const corner = { x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 };
    return { service, role: roleOf(service, report), ...corner };
  });
  const edges = graph.edges().map((edge) => {
    const inner = graph.edge(edge).points?.slice(1, -1) ?? [];
    // One point in between is no way around anything.
    const between = inner.length > 1 ? inner : [];
    const [from, to] = [graph.node(edge.v), graph.node(edge.w)];
    // Backwards only where services call in a circle.
    const side = Math.sign(to.x - from.x) * (nodeSize.width / 2);
    const points = [{ x: from.x + side, y: from.y }, ...between, { x: to.x - side, y: to.y }];
    return { from: edge.v, to: edge.w, points };
  });
  const { width = 0, height = 0 } = graph.graph();
  return { nodes, edges, width, height, hidden: all.size - kept.size };
}

function roleOf(service: string, report: Report): MapNode["role"] {
  if (report.conclusion !== "inconclusive" && report.rootCauses[0]?.service === service) {
    return "cause";
  }
  if (report.firstFailing === service) return "first";
  return report.blastRadius.includes(service) ? "victim" : "fine";
}

function keep(report: Report, all: ReadonlySet<string>): ReadonlySet<string> {
  if (all.size <= nodesMax) return all;
  const core = [...all].filter((service) => roleOf(service, report) !== "fine");
  const near = report.topology.flatMap((edge) =>
    core.includes(edge.from) || core.includes(edge.to) ? [edge.from, edge.to] : [],
  );
  const wanted = new Set([...core, ...near.filter((service) => all.has(service)), ...all]);
  return new Set([...wanted].slice(0, nodesMax));
}
