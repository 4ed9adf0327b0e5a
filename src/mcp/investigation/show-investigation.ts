import { z } from "zod";
import { readOnly } from "../../core/tool.ts";
import { defineMcpTool, type McpParts, type McpTool } from "../parts.ts";
import { noSuchIncident, reply } from "../reply.ts";
import { visibleIncident } from "../visible.ts";
import { digestOf } from "./digest.ts";
import { incidentFacts, investigationOutput } from "./get-investigation.ts";
import { standOf } from "./progress.ts";
import { viewKey, viewOf } from "./view.ts";

/** Address of the MCP App that draws an investigation. */
export const viewUri = "ui://shodo/investigation.html";

const input = z.object({ incident: z.string().max(200).describe("Incident id") });

/** An investigation as an interactive picture; hosts without MCP Apps get the digest. */
export function showInvestigation(parts: McpParts): McpTool {
  return defineMcpTool({
    name: "show_investigation",
    title: "Show an investigation",
    description:
      "Shows an incident as an interactive view: timeline, charts, service map, evidence with " +
      "its queries. Without a view, the same digest as get_investigation.",
    input,
    output: investigationOutput,
    annotations: readOnly,
    role: "viewer",
    meta: { ui: { resourceUri: viewUri }, "ui/resourceUri": viewUri },
    run: async (wanted, call) => {
      const incident = await visibleIncident(parts.analyst, wanted.incident, call.caller);
      if (!incident) return noSuchIncident(wanted.incident);
      const [report, steps] = await Promise.all([
        parts.analyst.report(incident.id),
        parts.analyst.steps(incident.id, 0),
      ]);
      const facts = incidentFacts(incident, parts);
      const body = report ? { report: digestOf(report) } : standOf(steps);
      const meta = { [viewKey]: viewOf(incident, report, steps, parts) };
      return reply({ kind: "data", ...facts, ...body }, meta);
    },
  });
}
