import { z } from "zod";
import { defineMcpTool, type McpParts, type McpTool, recordsOnly } from "../parts.ts";
import { noSuchIncident, refusal } from "../reply.ts";
import { visibleIncident } from "../visible.ts";
import { investigationOutput, investigationReply } from "./get-investigation.ts";

const input = z.object({ incident: z.string().max(200).describe("Incident id") });

/** Stops the work on an incident; what was found so far is kept. */
export function cancelInvestigation(parts: McpParts): McpTool {
  return defineMcpTool({
    name: "cancel_investigation",
    title: "Stop an investigation",
    description:
      "Stops a running investigation: no further query or model call is made. Findings so far " +
      "are kept as a partial report.",
    input,
    output: investigationOutput,
    annotations: recordsOnly,
    role: "responder",
    run: async (wanted, call) => {
      const incident = await visibleIncident(parts.analyst, wanted.incident, call.caller);
      if (!incident) return noSuchIncident(wanted.incident);
      const outcome = await parts.analyst.cancel(incident.id, call.caller);
      if (outcome.kind === "refused") {
        return refusal({
          reason: "refused",
          message: outcome.message,
          next: "Read how it ended with get_investigation.",
        });
      }
      return investigationReply(parts, incident.id, null, call);
    },
  });
}
