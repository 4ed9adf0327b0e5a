import { z } from "zod";

/** What came in: one message of an alarm system, or a person's question in the same shape. */
export const alarmSchema = z.object({
  /** Same problem, same fingerprint; the sender's own where it has one. */
  fingerprint: z.string(),
  /** cloudwatch, alertmanager, webhook, capture, question, … */
  sender: z.string(),
  name: z.string(),
  service: z.string().nullable(),
  resource: z.string().nullable(),
  metric: z.string().nullable(),
  threshold: z.number().nullable(),
  observed: z.number().nullable(),
  /** As sent, untranslated. */
  severity: z.string().nullable(),
  state: z.enum(["firing", "resolved"]),
  /** Epoch ms. */
  firedAt: z.number(),
  summary: z.string(),
  labels: z.record(z.string(), z.string()),
  link: z.string().nullable(),
  /** The message as it came, for the record; untrusted. */
  raw: z.unknown(),
});
export type Alarm = z.infer<typeof alarmSchema>;
