import { z } from "zod";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { findingsOf, findingsOutput } from "./support/finding-rows.ts";
import { limitField, servicesField } from "./support/inputs.ts";

/** Where requests lose time and where failures begin. */
export const analyzeTraces = defineTool({
  name: "analyze_traces",
  title: "Analyze traces",
  description:
    "Where requests lose time (self time per operation, gap between caller and callee) and where errors originate, window against normal time; also attributes that failing requests share.",
  input: z.object({ services: servicesField, limit: limitField(15, 50) }),
  output: findingsOutput,
  annotations: readOnly,
  costly: true,
  everyday: true,
  run({ services, limit }, context) {
    return findingsOf(context, {
      parts: ["operations", "edges", "spanSeries", "attributes", "traceSample", "topology"],
      kinds: ["trace", "edge", "topology"],
      services,
      searched: "changes in duration, self time, errors and calls between services",
      limit,
    });
  },
});
