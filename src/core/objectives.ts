import { z } from "zod";

/** A business metric: what a number of it is worth, and which way is good. */
export const kpiSchema = z.object({
  name: z.string(),
  /** Metric that carries it, as in the metrics table. */
  metric: z.string(),
  service: z.string().optional(),
  direction: z.enum(["up-is-good", "down-is-good"]).default("up-is-good"),
  unit: z.string().optional(),
  /** Money lost per missing unit, in `currency`. */
  valuePerUnit: z.number().optional(),
  currency: z.string().optional(),
});
export type Kpi = z.infer<typeof kpiSchema>;

/** A service level objective; meanings as in the SRE Workbook, chapters 2 and 5. */
export const sloSchema = z.object({
  name: z.string(),
  service: z.string(),
  kind: z.enum(["availability", "latency"]).default("availability"),
  /** Share of good events, 0..1. */
  target: z.number().min(0).max(1),
  goodMetric: z.string().optional(),
  totalMetric: z.string().optional(),
  badMetric: z.string().optional(),
  /** Metric compared with `thresholdMs`, for latency. */
  metric: z.string().optional(),
  thresholdMs: z.number().optional(),
  windowDays: z.number().positive().default(30),
});
export type Slo = z.infer<typeof sloSchema>;
