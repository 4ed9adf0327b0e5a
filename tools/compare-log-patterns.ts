import { z } from "zod";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { findingsOf, findingsOutput } from "./support/finding-rows.ts";
import { limitField, servicesField } from "./support/inputs.ts";

/** Which log lines are new, gone, or more frequent than in normal time. */
export const compareLogPatterns = defineTool({
  name: "compare_log_patterns",
  title: "Compare log patterns",
  description:
    "Log patterns that are new, vanished or spiking against normal time, with counts and an example. Mines every line; returns patterns, not lines.",
  input: z.object({ services: servicesField, limit: limitField(15, 50) }),
  output: findingsOutput,
  annotations: readOnly,
  costly: true,
  everyday: true,
  run({ services, limit }, context) {
    return findingsOf(context, {
      parts: ["logPatterns", "logVolume"],
      kinds: ["log-pattern"],
      services,
      searched: "log patterns that are new, vanished or changed in rate",
      limit,
    });
  },
});
