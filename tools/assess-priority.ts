import { z } from "zod";
import { factorSchema, priorityLevels, ratings } from "../src/core/priority.ts";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { assessPriority as assess } from "../src/priority/assess.ts";
import { factsFrom } from "../src/priority/facts-from.ts";
import { diagnoseNow } from "./support/diagnose-now.ts";

/** P0 to P3, computed. */
export const assessPriority = defineTool({
  name: "assess_priority",
  title: "Assess priority",
  description:
    "How urgent: P0 to P3 from business impact and technical severity, each factor measured, assumed or unknown. Computed by rule; do not guess one.",
  input: z.object({}),
  output: z.object({
    level: z.enum(priorityLevels),
    impact: z.enum(ratings),
    severity: z.enum(ratings),
    respond_within: z.string(),
    factors: z.array(factorSchema.omit({ message: true })),
  }),
  annotations: readOnly,
  costly: false,
  async run(_input, context) {
    const known = context.diagnosis
      ? { diagnosis: context.diagnosis, findings: context.findings, gaps: [] }
      : await diagnoseNow(context);
    const { diagnosis, findings, gaps } = known;
    const priority = assess(
      factsFrom({ diagnosis, findings, settings: context.priority, alarm: context.alarm }),
      context.priority,
    );
    const { level, impact, severity, respondWithin } = priority;
    const factors = priority.factors.map(({ message: _message, ...factor }) => ({
      ...factor,
      evidence: [...new Set(factor.evidence)],
    }));
    return {
      kind: "data",
      output: { level, impact, severity, respond_within: respondWithin, factors },
      findings: [],
      gaps,
      priority,
    };
  },
});
