import { z } from "zod";
import { matchRunbooks } from "../src/core/runbook-match.ts";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { limitField } from "./support/inputs.ts";

/** What experts do in this situation. */
export const searchRunbooks = defineTool({
  name: "search_runbooks",
  title: "Search runbooks",
  description:
    "Runbooks that fit a text or, without one, what was found so far: how to confirm, mitigate and verify. Shodo executes nothing.",
  input: z.object({
    text: z.string().max(300).optional().describe("What is wrong, in words"),
    limit: limitField(3, 10),
    with_body: z.boolean().default(false).describe("Also return the whole text"),
  }),
  output: z.object({
    runbooks: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        why: z.string(),
        actions: z.array(z.object({ name: z.string(), command: z.string(), rollback: z.string() })),
        text: z.string().nullable(),
      }),
    ),
  }),
  annotations: readOnly,
  costly: false,
  async run({ text, limit, with_body }, { runbooks, diagnosis, alarm, findings }) {
    const first = diagnosis?.hypotheses[0];
    const texts = text
      ? [text]
      : [alarm.summary, first?.mechanism ?? "", ...findings.map((f) => f.statement)];
    const matches = matchRunbooks(runbooks, {
      causeKind: text ? null : (first?.causeKind ?? null),
      texts,
      service: first?.service ?? alarm.service,
    }).slice(0, limit);
    if (matches.length === 0) {
      return {
        kind: "empty",
        searched: `${runbooks.length} runbooks for ${text ? `"${text}"` : "what was found"}`,
        reasons: ["No runbook shares its situation or words."],
        next: text
          ? "Search with other words, or write one: a Markdown file in runbooks/."
          : "Give `text`: what is wrong in words, such as `pool exhausted after a deploy`.",
        gaps: [],
      };
    }
    return {
      kind: "data",
      output: {
        runbooks: matches.map(({ runbook, why }) => ({
          name: runbook.name,
          title: runbook.title,
          why,
          actions: runbook.actions.map(({ name, command, rollback }) => ({
            name,
            command,
            rollback,
          })),
          text: with_body ? runbook.body : null,
        })),
      },
      findings: [],
      gaps: [],
    };
  },
});
