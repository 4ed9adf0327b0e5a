/** A call from one service to another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
}

/**
 * What the lists of a graph, and the two ends of an edge, are called in the wild. "Upstream" is not
 * among them: proxies call so whom they call, and others who calls them.
 */
const listNames = ["edges", "links", "dependencies", "calls", "topology"];
const fromNames = ["from", "source", "caller", "parent", "src", "client"];
const toNames = ["to", "target", "callee", "child", "dst", "destination", "server"];

type Fields = Readonly<Record<string, unknown>>;

/**
 * The edges of a call graph, caller to callee: `{edges: [{from, to}]}`, a bare list of edges or of
 * pairs, `{nodes, links: [{source, target}]}` whose ends may be ids or places of nodes, or
 * `{service: [callees]}`. `bad` counts those without two ends. Null where it is none of these.
 */
export function edgesIn(value: unknown): { edges: readonly Edge[]; bad: number } | null {
  if (Array.isArray(value)) return edgesOf(value, []);
  if (!isFields(value)) return null;
  const list = listNames.map((name) => value[name]).find((item) => Array.isArray(item));
  if (list) return edgesOf(list, Array.isArray(value.nodes) ? value.nodes : []);
  const lists = Object.entries(value);
  if (lists.length === 0 || !lists.every(([, callees]) => Array.isArray(callees))) return null;
  const pairs = lists.flatMap(([from, callees]) => (callees as unknown[]).map((to) => [from, to]));
  return edgesOf(pairs, []);
}

function edgesOf(list: readonly unknown[], nodes: readonly unknown[]) {
  const names = namesOf(nodes);
  const edges = list.flatMap((item): Edge[] => {
    const [a, b] = endsOf(item);
    const [from, to] = [nameOf(a, names), nameOf(b, names)];
    const kind = isFields(item) && typeof item.kind === "string" ? item.kind : "call";
    return from && to ? [{ from, to, kind }] : [];
  });
  return { edges, bad: list.length - edges.length };
}

function endsOf(item: unknown): readonly unknown[] {
  if (Array.isArray(item)) return item.length === 2 ? item : [];
  if (!isFields(item)) return [];
  return [fromNames, toNames].map((names) =>
    names.map((name) => item[name]).find((end) => end !== undefined),
  );
}

/** Nodes by id, and by place where they are numbered only; a node without a name goes by its id. */
function namesOf(nodes: readonly unknown[]): ReadonlyMap<unknown, string> {
  const names = new Map<unknown, string>();
  for (const [place, node] of nodes.entries()) {
    const fields = isFields(node) ? node : { name: node };
    const id = fields.id;
    const name = [fields.name, fields.label, id].find((text) => typeof text === "string");
    if (typeof name === "string") names.set(id ?? place, name);
  }
  return names;
}

function nameOf(end: unknown, names: ReadonlyMap<unknown, string>): string | null {
  const named = names.get(end);
  if (named) return named;
  if (isFields(end)) return nameOf(end.name ?? end.id, names);
  return typeof end === "string" && end !== "" ? end : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
