import { z } from "zod";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { findingsOf, findingsOutput } from "./support/finding-rows.ts";

/** What was lost: expected minus actual, with an interval, and in money where a value is set. */
export const measureBusinessImpact = defineTool({
  name: "measure_business_impact",
  title: "Measure business impact",
  description:
    "What users and the business lost: each KPI (orders, revenue, sign-ins) expected minus actual, with an interval and money where configured.",
  input: z.object({}),
  output: findingsOutput,
  annotations: readOnly,
  costly: false,
  run(_input, context) {
    return findingsOf(context, {
      parts: ["series", "spanSeries", "topology"],
      kinds: ["kpi"],
      services: undefined,
      searched: `losses in ${context.kpis.length} business metrics`,
    });
  },
});
