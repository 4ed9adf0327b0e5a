import { z } from "zod";
import type { Step } from "./step.ts";

/**
 * A run that can be played again without its telemetry and without its model: every step, the first
 * of which says what it was about. Steps were redacted when they were recorded.
 */
export const transcriptSchema = z.object({
  version: z.literal(1),
  incident: z.string(),
  steps: z
    .array(z.custom<Step>((step) => typeof step === "object" && step !== null && "kind" in step))
    .min(1),
});
export type Transcript = z.infer<typeof transcriptSchema>;
