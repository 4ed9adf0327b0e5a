import type { Report } from "../core/report.ts";

/** A service on the map, by its column (callers left of callees) and its row. */
export interface MapNode {
  readonly service: string;
  readonly role: "cause" | "first" | "victim" | "fine";
  readonly column: number;
  readonly row: number;
}

export interface MapLayout {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly kind: string }[];
  readonly columns: number;
  readonly rows: number;
  /** Services left out because the map has room for `nodesMax`. */
  readonly hidden: number;
}

const nodesMax = 30;

/**
 * Columns by the longest way from a service that nobody calls (edges that close a cycle are ignored),
 * rows by the mean row of the callers. When there are too many services, the cause, the first to
 * fail, the victims and their neighbours stay.
 */
export function layoutMap(report: Report): MapLayout | null {
  const edges = report.topology.filter((edge) => edge.from !== edge.to);
  if (edges.length === 0) return null;
  const all = new Set(edges.flatMap((edge) => [edge.from, edge.to]));
  const kept = keep(report, all);
  const shown = edges.filter((edge) => kept.has(edge.from) && kept.has(edge.to));
  const columnOf = columns(kept, shown);
  const count = Math.max(...columnOf.values()) + 1;
  const byColumn: string[][] = Array.from({ length: count }, () => []);
  for (const service of kept) byColumn[columnOf.get(service) ?? 0]?.push(service);
  const rowOf = new Map<string, number>();
  for (const services of byColumn) {
    const weight = (service: string) => {
      const rows = shown
        .filter((edge) => edge.to === service && rowOf.has(edge.from))
        .map((edge) => rowOf.get(edge.from) ?? 0);
      return rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row, 0) / rows.length;
    };
    const sorted = services
      .map((service) => ({ service, weight: weight(service) }))
      .sort((a, b) => a.weight - b.weight || a.service.localeCompare(b.service));
    for (const [row, { service }] of sorted.entries()) rowOf.set(service, row);
  }
  const nodes = [...kept].map((service) => ({
    service,
    role: roleOf(service, report),
    column: columnOf.get(service) ?? 0,
    row: rowOf.get(service) ?? 0,
  }));
  const rows = Math.max(...byColumn.map((services) => services.length));
  return { nodes, edges: shown, columns: count, rows, hidden: all.size - kept.size };
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
  return new Set([...core, ...near, ...all].slice(0, 10_000).filter(first).slice(0, nodesMax));
}

function first(service: string, at: number, all: readonly string[]): boolean {
  return all.indexOf(service) === at;
}

function columns(
  services: ReadonlySet<string>,
  edges: readonly { from: string; to: string }[],
): Map<string, number> {
  const column = new Map<string, number>();
  const open = new Set<string>();
  const depth = (service: string): number => {
    const known = column.get(service);
    if (known !== undefined) return known;
    open.add(service);
    let value = 0;
    for (const edge of edges) {
      if (edge.to !== service || open.has(edge.from)) continue;
      value = Math.max(value, depth(edge.from) + 1);
    }
    open.delete(service);
    column.set(service, value);
    return value;
  };
  for (const service of services) depth(service);
  return column;
}
