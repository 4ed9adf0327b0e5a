import { z } from "zod";
import type { Evidence } from "../../core/evidence.ts";
import type { Diagnosis, Hypothesis } from "../../core/hypothesis.ts";
import type { ModelSettings } from "../../core/model-settings.ts";
import type { Prompts } from "../../core/prompts.ts";
import { checkReason } from "../claim-check.ts";
import { fence } from "../fence.ts";
import type { Session } from "../session.ts";
import { isUndisputed } from "../undisputed.ts";
import { askOnce } from "./ask-once.ts";
import type { OpenModel } from "./open-model.ts";
import type { ModelTracing } from "./tracing.ts";

const verdictsSchema = z.object({
  verdicts: z
    .array(
      z.object({
        key: z.string(),
        verdict: z.enum(["keep", "downgrade", "reject"]),
        because: z.string().max(500),
      }),
    )
    .min(1),
});

const claimsMax = 3;
/** What a verdict leaves of a confidence. Nothing raises one. */
const factors = { keep: 1, downgrade: 0.8, reject: 0.55 } as const;
const onlyDoubt = "nothing computed speaks against it, so that the rejection counts as doubt";

/**
 * A second look by a model that sees claims and evidence only. Lowers confidences in the ledger and
 * returns true; a missing, malformed or failed verdict changes nothing and returns false, so that
 * whatever depends on the review is not accepted.
 */
export async function verifyWithModel(
  session: Session,
  options: {
    readonly models: readonly [OpenModel, ...OpenModel[]];
    readonly verifier: OpenModel | null;
    readonly prompts: Prompts;
    readonly prices: ModelSettings["prices"];
    readonly tracing: ModelTracing;
  },
): Promise<boolean> {
  const { ledger } = session;
  const diagnosis = ledger.diagnosis;
  if (!diagnosis) return false;
  const answer = await askOnce(
    session,
    {
      job: "verify",
      model: options.verifier ?? options.models[0],
      systemPrompt: options.prompts.verify,
      question: claimsOf(diagnosis, ledger.evidence),
      answer: { name: "verdicts", schema: verdictsSchema },
    },
    options,
  );
  return answer ? lower(session, diagnosis, answer.verdicts) : false;
}

async function lower(
  { brief, ledger, recorder }: Session,
  diagnosis: Diagnosis,
  verdicts: z.infer<typeof verdictsSchema>["verdicts"],
): Promise<boolean> {
  const byKey = new Map(verdicts.map((each) => [each.key, each]));
  const first = diagnosis.hypotheses[0];
  if (!first || !byKey.has(first.key)) return false;
  const lowered = (hypothesis: Hypothesis): number =>
    hypothesis.confidence * factors[counted(hypothesis, byKey.get(hypothesis.key)?.verdict)];
  // Doubt about the first claim is no proof of another: none overtakes it by staying as it was.
  const hypotheses = diagnosis.hypotheses.map((hypothesis) => ({
    ...hypothesis,
    confidence: Math.min(lowered(hypothesis), lowered(first)),
  }));
  ledger.rank({ ...diagnosis, hypotheses });
  for (const [i, after] of hypotheses.entries()) {
    const before = diagnosis.hypotheses[i]?.confidence ?? 0;
    if (after.confidence === before) continue;
    const said = byKey.get(after.key)?.because ?? "no surer than the first claim";
    const ids = ledger.idsOf([...after.supporting, ...after.contradicting]);
    const isSound = checkReason(said, ids, ledger.evidence, brief.alarm).length === 0;
    const reason = isSound ? said : "the reviewer's reason does not hold";
    const verdict = byKey.get(after.key)?.verdict;
    const because = counted(after, verdict) === (verdict ?? "keep") ? reason : onlyDoubt;
    const { key, confidence } = after;
    await recorder.append({ kind: "verified", key, before, after: confidence, because });
  }
  return byKey.get(first.key)?.verdict !== "reject";
}

type Verdict = keyof typeof factors;

/**
 * A verdict as it counts: a reviewer that denies everything costs an undisputed claim a fifth of
 * its confidence, and no more.
 */
function counted(hypothesis: Hypothesis, verdict: Verdict = "keep"): Verdict {
  return verdict === "reject" && isUndisputed(hypothesis) ? "downgrade" : verdict;
}

function claimsOf(diagnosis: Diagnosis, evidence: readonly Evidence[]): string {
  const byKey = new Map(evidence.map((item) => [item.key, item]));
  const claims = diagnosis.hypotheses.slice(0, claimsMax);
  const cited = new Set(claims.flatMap((c) => [...c.supporting, ...c.contradicting]));
  const lines = (keys: readonly string[]) =>
    keys.flatMap((key) => byKey.get(key)?.id ?? []).join(" ");
  return [
    fence(
      "claims",
      claims
        .map(
          (c) =>
            `${c.key}: ${c.mechanism} | for ${lines(c.supporting)} | against ${lines(c.contradicting)}`,
        )
        .join("\n"),
    ),
    fence(
      "evidence",
      evidence
        .filter((item) => cited.has(item.key))
        .map(({ id, statement }) => `${id} ${statement}`)
        .join("\n"),
    ),
  ].join("\n\n");
}
