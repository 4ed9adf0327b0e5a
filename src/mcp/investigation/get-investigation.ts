import type { CallToolResult } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Incident } from "../../core/incident.ts";
import { readOnly } from "../../core/tool.ts";
import { toIso } from "../../core/window.ts";
import { mcpLimits } from "../limits.ts";
import { type Call, defineMcpTool, type McpParts, type McpTool } from "../parts.ts";
import { type Facts, noSuchIncident, reply } from "../reply.ts";
import { visibleIncident } from "../visible.ts";
import { digestOf, wholeReport } from "./digest.ts";
import { isFinished, standOf, waitFor } from "./progress.ts";

const input = z.object({
  incident: z.string().max(200).describe("Id from start_investigation or list_incidents"),
  wait_s: z
    .number()
    .int()
    .min(0)
    .max(mcpLimits.waitSecondsMax)
    .default(mcpLimits.waitSecondsDefault)
    .describe("Wait up to this long for the report"),
  after: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe("`progress.steps` of the last answer: returns at the next step instead"),
  detail: z.boolean().default(false).describe("The whole report"),
});

/** Progress, partial findings and, once there is one, the report of an incident. */
export function getInvestigation(parts: McpParts): McpTool {
  return defineMcpTool({
    name: "get_investigation",
    title: "Read an investigation",
    description:
      "Incident report, root cause, priority and evidence of an investigation; while it runs, " +
      "its progress and findings so far. Waits up to 30 s; call again while `state` is " +
      "queued or investigating.",
    input,
    output: investigationOutput,
    annotations: readOnly,
    role: "viewer",
    run: async (wanted, call) => {
      const incident = await visibleIncident(parts.analyst, wanted.incident, call.caller);
      if (!incident) return noSuchIncident(wanted.incident);
      await waitFor(parts, call, {
        incident: incident.id,
        seconds: wanted.wait_s,
        ...(wanted.after === undefined ? {} : { after: wanted.after }),
      });
      return investigationReply(parts, incident.id, wanted.detail, call);
    },
  });
}

/** Shared by start_investigation, which answers in the same shape. */
export const investigationOutput: Record<string, unknown> = {
  type: "object",
  properties: {
    kind: { enum: ["data", "failed"] },
    incident: { type: "string" },
    state: { type: "string" },
    failure: { type: "string" },
    priority: { type: "string" },
    progress: { type: "object" },
    findings: { type: "array", items: { type: "object" } },
    report: { type: "object" },
    next: { type: "string" },
  },
  required: ["kind"],
};

/** The incident as it stands now. */
export async function investigationReply(
  parts: McpParts,
  id: string,
  isDetailed: boolean,
  call: Call,
): Promise<CallToolResult> {
  const incident = await visibleIncident(parts.analyst, id, call.caller);
  if (!incident) return noSuchIncident(id);
  const report = await parts.analyst.report(id);
  const facts: Facts = { kind: "data", ...incidentFacts(incident) };
  if (report) {
    const body = isDetailed ? wholeReport(report) : digestOf(report);
    return reply({ ...facts, report: body, next: nextOf(incident, true), ...links(id) });
  }
  const steps = await parts.analyst.steps(id, 0);
  return reply({ ...facts, ...standOf(steps), next: nextOf(incident, false) });
}

/** What every answer about an incident begins with. */
export function incidentFacts(incident: Incident): Facts {
  return {
    incident: incident.id,
    title: incident.title,
    state: incident.state,
    ...(incident.service === null ? {} : { service: incident.service }),
    opened_at: toIso(incident.openedAt),
    ...(incident.override
      ? { priority_set_by: `${incident.override.by}: ${incident.override.reason}` }
      : {}),
    ...(incident.state === "failed" && incident.failure ? { failure: incident.failure } : {}),
    ...(incident.mergedInto === null ? {} : { merged_into: incident.mergedInto }),
  };
}

function links(id: string): Facts {
  const base = `shodo://incidents/${id}`;
  return { resources: [base, `${base}/report.md`, `${base}/evidence/{n}`] };
}

function nextOf(incident: Incident, hasReport: boolean): string {
  if (!isFinished(incident)) return "Call get_investigation again with this incident id.";
  if (hasReport) {
    return (
      "Tell the user the cause with its evidence ids. Follow-ups: ask_investigation; " +
      "every query: detail: true; a picture: show_investigation."
    );
  }
  return incident.state === "cancelled"
    ? "It was cancelled before a report; start_investigation begins anew."
    : "It ended without a report; start_investigation with a narrower question or window.";
}
