import { z } from "zod";
import { readSeries, readTopology } from "../src/core/row-readers.ts";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { limitField } from "./support/inputs.ts";
import { cut, notData } from "./support/readings.ts";

/** Which services telemetry knows, by what it has of each. */
export const listServices = defineTool({
  name: "list_services",
  title: "List services",
  description:
    "Which services exist and what telemetry each has (metrics, calls). Start here when names are unknown.",
  input: z.object({
    text: z.string().max(100).optional().describe("Part of the name, any case"),
    limit: limitField(50, 500),
  }),
  output: z.object({
    services: z.array(
      z.object({
        service: z.string(),
        metrics: z.number().describe("How many series it has"),
        callers: z.number(),
        callees: z.number(),
      }),
    ),
  }),
  annotations: readOnly,
  costly: false,
  everyday: true,
  async run({ text, limit }, { telemetry, window }) {
    const [metrics, topology] = await Promise.all([
      telemetry.read({ kind: "metric-list" }, window),
      telemetry.read({ kind: "topology" }, window),
    ]);
    if (metrics.kind !== "data" && topology.kind !== "data") {
      return notData(metrics.kind === "failed" ? metrics : topology);
    }
    const rows = new Map<string, { metrics: number; callers: number; callees: number }>();
    const row = (service: string) => {
      const known = rows.get(service) ?? { metrics: 0, callers: 0, callees: 0 };
      rows.set(service, known);
      return known;
    };
    const series = metrics.kind === "data" ? readSeries(metrics.frame) : [];
    for (const { service } of series) row(service).metrics += 1;
    for (const edge of topology.kind === "data" ? readTopology(topology.frame) : []) {
      row(edge.from).callees += 1;
      row(edge.to).callers += 1;
    }
    const wanted = [...rows]
      .filter(([service]) => service.toLowerCase().includes((text ?? "").toLowerCase()))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([service, counts]) => ({ service, ...counts }));
    const gaps = [metrics, topology].flatMap((reading) =>
      reading.kind === "failed" ? [] : reading.gaps,
    );
    const { shown, truncated } = cut(wanted, limit, "Narrow with `text`, or raise `limit`.");
    return {
      kind: "data",
      output: { services: [...shown] },
      findings: [],
      gaps,
      ...(truncated ? { truncated } : {}),
    };
  },
});
