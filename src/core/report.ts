import { z } from "zod";
import { actionKinds } from "./hypothesis.ts";
import { signals } from "./outcome.ts";
import { prioritySchema } from "./priority.ts";

const iso = z.string();
const evidenceIds = z.array(z.string());
const windowIso = z.object({ from: iso, to: iso });
const share = z.number().min(0).max(1);

const provenanceSchema = z.object({
  source: z.string(),
  signal: z.string(),
  query: z.string(),
  window: windowIso,
  account: z.string().optional(),
  region: z.string().optional(),
  tookMs: z.number(),
  rows: z.number(),
  bytesScanned: z.number(),
  costUsd: z.number().optional(),
  planned: z.object({ bytes: z.number(), costUsd: z.number() }).optional(),
  truncated: z.boolean(),
  link: z.string().optional(),
});

const chartSchema = z.object({
  title: z.string(),
  unit: z.string().nullable(),
  lines: z.array(
    z.object({
      label: z.string(),
      times: z.array(z.number()),
      values: z.array(z.number().nullable()),
    }),
  ),
});

export const reportEvidenceSchema = z.object({
  id: z.string().regex(/^E\d+$/),
  layer: z.enum(["infrastructure", "application", "business"]),
  kind: z.string(),
  service: z.string().optional(),
  resource: z.string().optional(),
  statement: z.string(),
  value: z.number().optional(),
  unit: z.string().optional(),
  baseline: z.number().optional(),
  effect: z.number().optional(),
  effectKind: z.string().optional(),
  interval: z.tuple([z.number(), z.number()]).optional(),
  at: iso.optional(),
  window: windowIso,
  quote: z.string().optional(),
  provenance: z.array(provenanceSchema),
  chart: chartSchema.optional(),
});
export type ReportEvidence = z.infer<typeof reportEvidenceSchema>;

const rootCauseSchema = z.object({
  rank: z.number().int().positive(),
  service: z.string().nullable(),
  resource: z.string().nullable(),
  change: z
    .object({ ref: z.string(), kind: z.string(), service: z.string(), title: z.string() })
    .nullable(),
  causeKind: z.string(),
  mechanism: z.string(),
  confidence: share,
  supporting: evidenceIds,
  contradicting: evidenceIds,
});

const impactSchema = z.object({
  users: z.string(),
  business: z.array(
    z.object({
      kpi: z.string(),
      expected: z.number(),
      actual: z.number(),
      lost: z.number(),
      lostInterval: z.tuple([z.number(), z.number()]).optional(),
      lostValue: z.number().optional(),
      currency: z.string().optional(),
      unit: z.string(),
      evidence: evidenceIds,
    }),
  ),
  slos: z.array(
    z.object({
      name: z.string(),
      target: z.number(),
      burnRate: z.number(),
      budgetLeft: z.number(),
      evidence: evidenceIds,
    }),
  ),
});

export const usageSchema = z.object({
  modelCalls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  costUsd: z.number(),
  toolCalls: z.number(),
  bytesScanned: z.number(),
  seconds: z.number(),
  /** US dollars for reading telemetry, and what was expected, where its systems charge. */
  sourcesUsd: z.number().optional(),
  plannedUsd: z.number().optional(),
  plannedBytes: z.number().optional(),
  stoppedBy: z.string().optional(),
});

/** DESIGN section 7, field by field. `parseReport` also refuses evidence ids that do not exist. */
const reportShape = z.object({
  id: z.string(),
  title: z.string(),
  language: z.string(),
  status: z.enum(["complete", "partial"]),
  conclusion: z.enum(["confirmed", "likely", "inconclusive", "no-incident"]),
  confidence: share,
  /** What drove the run: `builtin`, `openai:gpt-…`, or `builtin (after …)`. */
  model: z.string(),
  priority: prioritySchema,
  window: windowIso,
  baseline: windowIso,
  onset: iso.nullable(),
  /** When the signal that showed the onset was back to normal; absent while it lasts. */
  recoveredAt: iso.optional(),
  detectedAt: iso,
  summary: z.string(),
  /** A model's account, every sentence cited and every number checked; absent without a model. */
  narrative: z.string().optional(),
  rootCauses: z.array(rootCauseSchema),
  ruledOut: z.array(z.object({ claim: z.string(), because: z.string(), evidence: evidenceIds })),
  firstFailing: z.string().nullable(),
  blastRadius: z.array(z.string()),
  impact: impactSchema,
  timeline: z.array(
    z.object({
      at: iso,
      kind: z.enum(["change", "onset", "symptom", "alarm", "recovery"]).default("symptom"),
      text: z.string(),
      evidence: evidenceIds,
    }),
  ),
  actions: z.array(
    z.object({
      kind: z.enum(actionKinds),
      text: z.string(),
      runbook: z.string().optional(),
      /** For a person to run after reading it; Shodo runs nothing. */
      command: z.string().optional(),
      risk: z.string(),
      evidence: evidenceIds,
    }),
  ),
  evidence: z.array(reportEvidenceSchema),
  gaps: z.array(
    z.object({
      what: z.string(),
      why: z.string(),
      effect: z.string(),
      signal: z.enum(signals).optional(),
      isPartial: z.boolean().optional(),
    }),
  ),
  similar: z.array(z.object({ incident: z.string(), score: z.number(), why: z.string() })),
  topology: z.array(z.object({ from: z.string(), to: z.string(), kind: z.string() })).default([]),
  usage: usageSchema,
});
export type Report = z.infer<typeof reportShape>;

/** Value of `usage.stoppedBy` when no source gave anything: the report knows nothing. */
export const unreadable = "no source could be read";

/** The report's schema: shape first, then every evidence id must exist. */
export const reportSchema = reportShape.superRefine((report, context) => {
  const known = new Set(report.evidence.map((item) => item.id));
  for (const { path, id } of citedIds(report)) {
    if (known.has(id)) continue;
    context.addIssue({
      code: "custom",
      path,
      message: `evidence ${id} is cited but not in the report`,
    });
  }
});

/** Every evidence id that the report cites, with the place that cites it. */
export function citedIds(report: Report): { path: (string | number)[]; id: string }[] {
  const lists: [path: (string | number)[], ids: readonly string[]][] = [
    ...report.rootCauses.flatMap((c, i): [(string | number)[], string[]][] => [
      [["rootCauses", i, "supporting"], c.supporting],
      [["rootCauses", i, "contradicting"], c.contradicting],
    ]),
    ...cites(report.ruledOut, ["ruledOut"]),
    ...cites(report.impact.business, ["impact", "business"]),
    ...cites(report.impact.slos, ["impact", "slos"]),
    ...cites(report.timeline, ["timeline"]),
    ...cites(report.actions, ["actions"]),
    ...cites(report.priority.factors, ["priority", "factors"]),
  ];
  return lists.flatMap(([path, ids]) => ids.map((id) => ({ path, id })));
}

function cites(
  items: readonly { readonly evidence: string[] }[],
  path: (string | number)[],
): [(string | number)[], string[]][] {
  return items.map((item, i) => [[...path, i, "evidence"], item.evidence]);
}
