import { z } from "zod";
import { languageSchema } from "../../core/language.ts";
import { cleanText } from "../clean.ts";
import { mcpLimits } from "../limits.ts";
import { defineMcpTool, type McpParts, type McpTool, recordsOnly } from "../parts.ts";
import { noSuchIncident, refusal, reply } from "../reply.ts";
import { visibleIncident } from "../visible.ts";

const input = z.object({
  incident: z.string().max(200).describe("Incident id"),
  question: z.string().min(1).max(mcpLimits.questionCharsMax).describe("In plain words"),
  language: languageSchema.optional().describe("Of the answer"),
});

/** A follow-up question, answered from the evidence that was saved. */
export function askInvestigation(parts: McpParts): McpTool {
  return defineMcpTool({
    name: "ask_investigation",
    title: "Ask about an investigation",
    description:
      'Follow-up question on an incident report ("why not the database?"), answered from its ' +
      "saved evidence with evidence ids; what the evidence cannot answer comes back as `open`.",
    input,
    output: {
      type: "object",
      properties: {
        kind: { enum: ["data", "failed"] },
        answer: { type: "string" },
        evidence: { type: "array", items: { type: "string" } },
        open: { type: "array", items: { type: "string" } },
        next: { type: "string" },
      },
      required: ["kind"],
    },
    annotations: recordsOnly,
    role: "responder",
    run: async (wanted, call) => {
      const incident = await visibleIncident(parts.analyst, wanted.incident, call.caller);
      if (!incident) return noSuchIncident(wanted.incident);
      await call.progress(0, "reading the saved evidence");
      const answer = await parts.analyst.ask(incident.id, cleanText(wanted.question), {
        principal: call.caller,
        model: null,
        language: wanted.language ?? null,
        signal: call.signal,
      });
      if ("kind" in answer) {
        return refusal({
          reason: "refused",
          message: answer.message,
          next: "Read the incident with get_investigation first.",
        });
      }
      const { text, ...rest } = answer;
      return reply({ kind: "data", incident: incident.id, answer: text, ...rest });
    },
  });
}
