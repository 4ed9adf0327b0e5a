import { z } from "zod";
import { kpiSchema, sloSchema } from "./objectives.ts";
import { timeSchema, windowSchema } from "./window.ts";

/** What started the incident of a capture: an alarm or a person's question. */
const triggerSchema = z.object({
  kind: z.string().default("alarm"),
  service: z.string().nullish(),
  name: z.string().nullish(),
  metric: z.string().nullish(),
  threshold: z.number().nullish(),
  observed: z.number().nullish(),
  firedAt: timeSchema.nullish(),
  severity: z.string().nullish(),
  summary: z.string().nullish(),
});

/** `incident.json` of a capture folder (DESIGN section 6). */
export const captureIncidentSchema = z.object({
  id: z.string(),
  title: z.string(),
  trigger: triggerSchema.default({ kind: "question" }),
  window: windowSchema,
  baseline: windowSchema.optional(),
  services: z.array(z.string()).default([]),
  kpis: z.array(kpiSchema).default([]),
  slos: z.array(sloSchema).default([]),
  /** Signals that the recording was not allowed to read: a failed read, not an empty one. */
  denied: z.array(z.object({ signal: z.string(), reason: z.string() })).default([]),
});
export type CaptureIncident = z.infer<typeof captureIncidentSchema>;

/** `truth.json`: read by `eval` only. */
export const truthSchema = z.object({
  services: z.array(z.string()).default([]),
  resources: z.array(z.string()).default([]),
  changes: z.array(z.string()).optional(),
  decoys: z.array(z.string()).default([]),
  blastRadius: z.array(z.string()).optional(),
  remediation: z.string().nullish(),
  priority: z.string().nullish(),
  onset: z.string().nullish(),
  kind: z.enum(["fault", "healthy", "false-alarm"]).default("fault"),
});
export type Truth = z.infer<typeof truthSchema>;
