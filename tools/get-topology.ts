import { z } from "zod";
import { readTopology } from "../src/core/row-readers.ts";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { topologyFinding } from "../src/evidence/topology-finding.ts";
import { limitField } from "./support/inputs.ts";
import { cut, notData } from "./support/readings.ts";

/** Who calls whom, whole or around one service. */
export const getTopology = defineTool({
  name: "get_topology",
  title: "Get topology",
  description:
    "Service dependency map: who calls whom. Give a service to see its callers and callees only.",
  input: z.object({
    service: z.string().max(200).optional(),
    hops: z.number().int().min(1).max(5).default(1).describe("How far from `service`"),
    limit: limitField(200, 2000),
  }),
  output: z.object({
    edges: z.array(z.object({ from: z.string(), to: z.string(), kind: z.string() })),
  }),
  annotations: readOnly,
  costly: false,
  async run({ service, hops, limit }, { telemetry, window }) {
    const reading = await telemetry.read({ kind: "topology" }, window);
    if (reading.kind !== "data") return notData(reading);
    const all = readTopology(reading.frame);
    let edges = all;
    if (service) {
      const near = within(edges, service, hops);
      edges = edges.filter((edge) => near.has(edge.from) && near.has(edge.to));
      if (edges.length === 0) {
        return {
          kind: "empty",
          searched: `calls within ${hops} hops of "${service}"`,
          reasons: ["The name may be spelt differently.", "The service may call nobody."],
          next: "list_services shows the names.",
          gaps: reading.gaps,
        };
      }
    }
    const provenance = reading.parts.map((part) => part.provenance);
    const whole = topologyFinding(all, window, provenance);
    const { shown, truncated } = cut(edges, limit, "Give a `service`, or raise `limit`.");
    return {
      kind: "data",
      output: { edges: shown.map(({ from, to, kind }) => ({ from, to, kind })) },
      findings: whole ? [whole] : [],
      gaps: reading.gaps,
      ...(truncated ? { truncated } : {}),
    };
  },
});

/** Services at most `hops` calls away, in either direction. */
function within(
  edges: readonly { from: string; to: string }[],
  service: string,
  hops: number,
): Set<string> {
  const near = new Set([service]);
  for (let hop = 0; hop < hops; hop += 1) {
    const before = new Set(near);
    for (const { from, to } of edges) {
      if (before.has(from)) near.add(to);
      if (before.has(to)) near.add(from);
    }
  }
  return near;
}
