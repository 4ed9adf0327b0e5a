import { z } from "zod";
import type { Incident } from "../../core/incident.ts";
import { readOnly } from "../../core/tool.ts";
import { mcpLimits } from "../limits.ts";
import { defineMcpTool, type McpParts, type McpTool } from "../parts.ts";
import { badCursor, type Facts, reply } from "../reply.ts";
import { visibleIncidents } from "../visible.ts";
import { incidentFacts } from "./get-investigation.ts";

const states = ["queued", "investigating", "reported", "failed", "cancelled", "resolved"] as const;

const input = z.object({
  state: z.enum(states).optional().describe("Only these"),
  service: z.string().max(200).optional().describe("Only of this service"),
  limit: z
    .number()
    .int()
    .min(1)
    .max(mcpLimits.incidentsPerPageMax)
    .default(10)
    .describe("Per page"),
  cursor: z.string().max(300).optional().describe("`next_cursor` of the last answer"),
});

/** Incidents the caller may see, newest first, and the recorded ones that can be tried. */
export function listIncidents(parts: McpParts): McpTool {
  return defineMcpTool({
    name: "list_incidents",
    title: "List incidents",
    description:
      "Incidents and alerts known to Shodo, newest first, with state, priority and one-line " +
      "cause; on the first page also recorded demo incidents for start_investigation.",
    input,
    output: {
      type: "object",
      properties: {
        kind: { enum: ["data", "empty", "failed"] },
        incidents: { type: "array", items: { type: "object" } },
        demo_incidents: { type: "array", items: { type: "object" } },
        next: { type: "string" },
        next_cursor: { type: "string" },
      },
      required: ["kind"],
    },
    annotations: readOnly,
    role: "viewer",
    run: async (wanted, call) => {
      const before = wanted.cursor === undefined ? undefined : idOf(wanted.cursor);
      if (before === null) {
        return badCursor();
      }
      const page = await visibleIncidents(parts.analyst, call.caller, {
        limit: wanted.limit,
        ...(before === undefined ? {} : { before }),
        ...(wanted.service === undefined ? {} : { service: wanted.service }),
        ...(wanted.state === undefined ? {} : { states: [wanted.state] }),
      });
      const demos = before === undefined ? demosOf(parts) : {};
      return reply({
        kind: page.incidents.length > 0 || "demo_incidents" in demos ? "data" : "empty",
        incidents: page.incidents.map((incident) => lineOf(incident, parts)),
        ...demos,
        ...nextOf(page.before, parts),
      });
    },
  });
}

function lineOf(incident: Incident, parts: McpParts): Facts {
  return {
    ...incidentFacts(incident, parts),
    ...(incident.conclusion ? { conclusion: incident.conclusion } : {}),
    ...(incident.summary ? { summary: incident.summary } : {}),
  };
}

function demosOf(parts: McpParts): Facts {
  if (parts.demos.length === 0) return {};
  const demos = parts.demos.map(({ name, title }) => ({ demo: name, title }));
  return { demo_incidents: demos.slice(0, mcpLimits.incidentsPerPageMax) };
}

function nextOf(before: string | null, parts: McpParts): Facts {
  if (before !== null) {
    return {
      next: "Older incidents: call again with next_cursor as cursor.",
      next_cursor: Buffer.from(`before:${before}`).toString("base64url"),
    };
  }
  if (parts.isDemo) {
    return {
      next:
        "Nothing is configured, so this server works on recorded demo incidents: call " +
        "start_investigation with one of the demo names. Own telemetry: see `shodo init`.",
    };
  }
  return { next: "Read one with get_investigation, or begin with start_investigation." };
}

function idOf(cursor: string): string | null {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  const match = /^before:([\w.:-]{1,200})$/.exec(text);
  return match?.[1] ?? null;
}
