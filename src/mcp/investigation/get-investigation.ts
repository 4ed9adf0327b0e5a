import type { CallToolResult } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Incident } from "../../core/incident.ts";
import { readOnly } from "../../core/tool.ts";
import { toIso } from "../../core/window.ts";
import { mcpLimits } from "../limits.ts";
import { cursorAt, offsetOf } from "../page.ts";
import { type Call, defineMcpTool, type McpParts, type McpTool } from "../parts.ts";
import { badCursor, type Facts, noSuchIncident, reply } from "../reply.ts";
import { tidy } from "../tidy.ts";
import { visibleIncident } from "../visible.ts";
import { digestOf, reportPage } from "./digest.ts";
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
  detail: z.boolean().default(false).describe("The whole report, evidence with its queries"),
  cursor: z.string().max(64).optional().describe("`next_cursor` of the last detailed answer"),
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
      const offset = offsetOf(wanted.cursor);
      if (offset === null) return badCursor();
      const incident = await visibleIncident(parts.analyst, wanted.incident, call.caller);
      if (!incident) return noSuchIncident(wanted.incident);
      await waitFor(parts, call, {
        incident: incident.id,
        seconds: wanted.wait_s,
        ...(wanted.after === undefined ? {} : { after: wanted.after }),
      });
      const page = wanted.detail || offset > 0 ? offset : null;
      return investigationReply(parts, incident.id, page, call);
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
    next_cursor: { type: "string" },
  },
  required: ["kind"],
};

/** The incident as it stands now: its digest, or the page of the whole report from `offset` on. */
export async function investigationReply(
  parts: McpParts,
  id: string,
  offset: number | null,
  call: Call,
): Promise<CallToolResult> {
  const incident = await visibleIncident(parts.analyst, id, call.caller);
  if (!incident) return noSuchIncident(id);
  const report = await parts.analyst.report(id);
  const facts: Facts = { kind: "data", ...incidentFacts(incident, parts) };
  if (report && offset !== null) {
    if (offset > 0 && offset >= report.evidence.length) return badCursor();
    const { body, next } = reportPage(report, offset);
    const more = "More evidence: ask again with next_cursor as cursor.";
    return reply({
      ...facts,
      report: tidy(body),
      next: next === null ? nextOf(incident, true) : more,
      ...(next === null ? {} : { next_cursor: cursorAt(next) }),
    });
  }
  if (report) {
    const next = nextOf(incident, true);
    return reply({ ...facts, report: digestOf(report), next, ...links(id) });
  }
  const steps = await parts.analyst.steps(id, 0);
  return reply({ ...facts, ...standOf(steps), next: nextOf(incident, false) });
}

/** What every answer about an incident begins with; a recording is never shown as a live system. */
export function incidentFacts(incident: Incident, { demos }: Pick<McpParts, "demos">): Facts {
  const demo = demos.find(({ capture }) => capture === incident.capture);
  return {
    incident: incident.id,
    title: incident.title,
    ...(demo ? { recorded_demo: `${demo.name}: recorded data, no live system` } : {}),
    state: incident.state,
    ...(incident.priority ? { priority: incident.priority.level } : {}),
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
  if (hasReport && incident.state === "cancelled") {
    return (
      "It was stopped: this is what was found until then, and what was not read is unknown. " +
      "start_investigation begins anew."
    );
  }
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
