import { z } from "zod";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { findingsOf, findingsOutput } from "./support/finding-rows.ts";
import { limitField, servicesField } from "./support/inputs.ts";

/** Which signals left their normal range, and when. */
export const findAnomalies = defineTool({
  name: "find_anomalies",
  title: "Find anomalies",
  description:
    "Which metrics left their normal range (latency, errors, saturation, traffic), how far and since when, worst first. The best first call in an incident.",
  input: z.object({ services: servicesField, limit: limitField(15, 50) }),
  output: findingsOutput,
  annotations: readOnly,
  costly: false,
  everyday: true,
  run({ services, limit }, context) {
    return findingsOf(context, {
      parts: ["series", "spanSeries", "topology"],
      kinds: ["anomaly", "onset", "normal", "correlation", "alarm"],
      services,
      searched: "lasting shifts in metrics against normal time",
      limit,
    });
  },
});
