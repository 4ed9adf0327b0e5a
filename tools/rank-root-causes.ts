import { z } from "zod";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { toIso } from "../src/core/window.ts";
import { diagnoseNow } from "./support/diagnose-now.ts";

const causesMax = 8;

/** The evidence of every signal joined into ranked explanations, "none of these" among them. */
export const rankRootCauses = defineTool({
  name: "rank_root_causes",
  title: "Rank root causes",
  description:
    "Ranked explanations over service, resource and change from all signals together, with what speaks for and against each, onset, first failing service and victims. 'Nothing is wrong' and 'no change is guilty' are answers.",
  input: z.object({}),
  output: z.object({
    causes: z.array(
      z.object({
        key: z.string(),
        service: z.string().nullable(),
        resource: z.string().nullable(),
        change: z.string().nullable(),
        kind: z.string(),
        mechanism: z.string(),
        confidence: z.number(),
        supporting: z.array(z.string()),
        contradicting: z.array(z.string()),
        remediation: z.string(),
      }),
    ),
    ruled_out: z.array(z.object({ claim: z.string(), because: z.string() })),
    onset: z.string().nullable(),
    first_failing: z.string().nullable(),
    victims: z.array(z.string()),
    is_healthy: z.boolean(),
  }),
  annotations: readOnly,
  costly: true,
  async run(_input, context) {
    const { diagnosis, findings, gaps } = await diagnoseNow(context);
    const statements = new Map(findings.map(({ key, statement }) => [key, statement]));
    const said = (keys: readonly string[]) => keys.flatMap((key) => statements.get(key) ?? []);
    // As a report ranks them; the order of the diagnosis is by score, before evidence weakens some.
    const ranked = [...diagnosis.hypotheses].sort((a, b) => b.confidence - a.confidence);
    const causes = ranked.slice(0, causesMax).map((hypothesis) => ({
      key: hypothesis.key,
      service: hypothesis.service,
      resource: hypothesis.resource,
      change: hypothesis.change?.ref ?? null,
      kind: hypothesis.causeKind,
      mechanism: hypothesis.mechanism,
      confidence: Number(hypothesis.confidence.toFixed(2)),
      supporting: said(hypothesis.supporting),
      contradicting: said(hypothesis.contradicting),
      remediation: hypothesis.remediation,
    }));
    const cited = new Set(
      [...diagnosis.hypotheses, ...diagnosis.ruledOut].flatMap((item) =>
        "findings" in item ? item.findings : [...item.supporting, ...item.contradicting],
      ),
    );
    return {
      kind: "data",
      output: {
        causes,
        ruled_out: diagnosis.ruledOut.map(({ claim, because }) => ({ claim, because })),
        onset: diagnosis.onset ? toIso(diagnosis.onset.at) : null,
        first_failing: diagnosis.firstFailing,
        victims: [...diagnosis.blastRadius],
        is_healthy: diagnosis.isHealthy,
      },
      findings: findings.filter(({ key, facts }) => cited.has(key) || facts !== undefined),
      gaps,
      diagnosis,
    };
  },
});
