import { z } from "zod";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { findingsOf, findingsOutput } from "./support/finding-rows.ts";
import { servicesField } from "./support/inputs.ts";

/** How fast error budgets burn. */
export const getSloStatus = defineTool({
  name: "get_slo_status",
  title: "Get SLO status",
  description:
    "Service level objectives: burn rate over several windows and error budget left, as in the SRE Workbook.",
  input: z.object({ services: servicesField }),
  output: findingsOutput,
  annotations: readOnly,
  costly: false,
  run({ services }, context) {
    return findingsOf(context, {
      parts: ["series", "spanSeries"],
      kinds: ["slo"],
      services,
      searched: `burn of ${context.slos.length} service level objectives`,
    });
  },
});
