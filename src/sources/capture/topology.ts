import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { Gap } from "../../core/outcome.ts";
import type { TopologyQuery } from "../../core/query.ts";
import { type Answerer, limited, nothing, rowLimit } from "./answer.ts";
import { prepareSpans } from "./span-facts.ts";
import { type Edge, edgesIn } from "./topology-shapes.ts";
import { callEdges } from "./traces-sql.ts";

const fileName = "topology.json";

/**
 * Who calls whom: from `topology.json`, else from parent and child spans. Not bound to a window.
 */
export const topology: Answerer<TopologyQuery> = {
  tables: [],
  async answer(capture, query, _window, stop) {
    const file = await readTopology(capture.store.folder);
    const most = rowLimit(query.limit, limits.rowsMax);
    if (file.kind === "read" && file.edges.length > 0) {
      const edges = file.edges.slice(0, most);
      return {
        frame: edgesFrame(edges),
        sql: fileName,
        truncated: edges.length < file.edges.length,
        gaps: file.gaps,
      };
    }
    const gaps = file.kind === "read" ? file.gaps : [];
    if (!(await prepareSpans(capture.store, stop))) return { ...nothing, sql: fileName, gaps };
    const sql = `SELECT DISTINCT caller AS "from", callee AS "to", 'call' AS kind
FROM (${callEdges})\nORDER BY ALL`;
    return { ...(await limited(capture, sql, most, stop)), gaps };
  },
};

type TopologyFile =
  | { kind: "absent" }
  | { kind: "read"; edges: readonly Edge[]; gaps: readonly Gap[] };

async function readTopology(folder: string): Promise<TopologyFile> {
  let text: string;
  try {
    text = await readFile(join(folder, fileName), "utf8");
  } catch {
    return { kind: "absent" };
  }
  try {
    const listed = edgesIn(JSON.parse(text.replace(/^\uFEFF/, "")));
    if (!listed) return { kind: "read", edges: [], gaps: [gap("it has no list of edges")] };
    const { edges, bad } = listed;
    const gaps = bad > 0 ? [gap(`${bad} of its edges have no caller or callee`)] : [];
    return { kind: "read", edges, gaps };
  } catch {
    return { kind: "read", edges: [], gaps: [gap("it is not JSON")] };
  }
}

function gap(why: string): Gap {
  return {
    what: fileName,
    why,
    effect: "who calls whom is taken from spans where there are any",
    signal: "topology",
  };
}

function edgesFrame(edges: readonly Edge[]): Frame {
  const column = (name: keyof Edge) => ({
    name,
    type: "text" as const,
    values: edges.map((edge) => edge[name]),
  });
  return { columns: [column("from"), column("to"), column("kind")], length: edges.length };
}
