import type { CallToolResult } from "@modelcontextprotocol/server";
import { z } from "zod";
import { requestBy } from "../../core/investigation-request.ts";
import { languageSchema } from "../../core/language.ts";
import { cleanText } from "../clean.ts";
import { mcpLimits } from "../limits.ts";
import { type Call, defineMcpTool, type McpParts, type McpTool, recordsOnly } from "../parts.ts";
import { refusal } from "../reply.ts";
import { windowInput } from "../window-input.ts";
import { investigationOutput, investigationReply } from "./get-investigation.ts";
import { cancelWith, waitFor } from "./progress.ts";

const input = z.object({
  question: z
    .string()
    .max(mcpLimits.questionCharsMax)
    .optional()
    .describe('What was noticed: "checkout is slow since 10:05"'),
  service: z.string().max(200).optional().describe("Service the symptom shows on"),
  from: z.string().max(40).optional().describe("ISO 8601; with `to`; default: worked out"),
  to: z.string().max(40).optional().describe("End, exclusive"),
  demo: z.string().max(100).optional().describe("A recorded incident, from list_incidents"),
  language: languageSchema.optional().describe("Of the answer"),
  key: z.string().max(100).optional().describe("Same key, same incident: safe to repeat"),
  wait_s: z
    .number()
    .int()
    .min(0)
    .max(mcpLimits.waitSecondsMax)
    .default(0)
    .describe("Wait for the report; cancelling the call then stops the work"),
});
type Wanted = z.infer<typeof input>;

/** Puts a whole investigation to work: the same analyst that alarms and Slack use. */
export function startInvestigation(parts: McpParts): McpTool {
  return defineMcpTool({
    name: "start_investigation",
    title: "Start an investigation",
    description:
      "Investigate an incident, alert, outage, latency or error rate: finds root cause, onset, " +
      "blast radius, business impact and priority, with evidence. Returns an id at once; read it " +
      "with get_investigation. Reads telemetry only; changes nothing.",
    input,
    output: investigationOutput,
    annotations: { ...recordsOnly, idempotentHint: false },
    role: "responder",
    run: (wanted, call) => start(parts, wanted, call),
  });
}

async function start(parts: McpParts, wanted: Wanted, call: Call): Promise<CallToolResult> {
  const asked = windowInput(wanted);
  if (asked.kind === "refused") return asked.answer;
  const demo = wanted.demo === undefined ? null : parts.demos.find((d) => d.name === wanted.demo);
  if (demo === undefined) return noSuchDemo(parts);
  if (!demo && parts.isDemo) return needsDemo(parts);
  if (!demo && !wanted.question && !wanted.service) return nothingAsked();
  const incident = await parts.analyst.start(
    requestBy(call.caller, {
      question: wanted.question === undefined ? null : cleanText(wanted.question),
      service: wanted.service === undefined ? null : cleanText(wanted.service),
      window: asked.window,
      language: wanted.language ?? null,
      idempotencyKey: wanted.key === undefined ? null : `mcp:${call.caller.id}:${wanted.key}`,
      capture: demo?.capture ?? null,
    }),
  );
  if (wanted.wait_s > 0) {
    await waitFor(parts, call, { incident: incident.id, seconds: wanted.wait_s });
    await cancelWith(parts.analyst, call, incident.id);
  }
  return investigationReply(parts, incident.id, null, call);
}

function noSuchDemo(parts: McpParts): CallToolResult {
  return refusal({
    reason: "not-found",
    message: "There is no recorded incident of that name.",
    next:
      parts.demos.length > 0
        ? `Use one of: ${demoNames(parts)}.`
        : "Leave `demo` out: this server reads live telemetry only.",
  });
}

function needsDemo(parts: McpParts): CallToolResult {
  return refusal({
    reason: "invalid-input",
    message: "No telemetry source is configured: this server works on recorded demo incidents.",
    next: `Give \`demo\`: ${demoNames(parts)}. Own telemetry: see \`shodo init\`.`,
  });
}

function demoNames(parts: McpParts): string {
  const names = parts.demos.slice(0, 12).map((demo) => demo.name);
  return names.join(", ");
}

function nothingAsked(): CallToolResult {
  return refusal({
    reason: "invalid-input",
    message: "Nothing says what to look into.",
    next: "Give `question`, `service` or, for a recorded incident, `demo`.",
  });
}
