import { z } from "zod";

/** How the queue is worked off: `work:` in `shodo.yaml`. */
export const workSettingsSchema = z
  .strictObject({
    /** Jobs at the same time in this process. */
    concurrency: z.number().int().min(1).max(64).default(2),
    /** A job whose worker is silent for so long is given to another one. */
    leaseSeconds: z.number().min(5).default(60),
    /** Time for running jobs to end when the process is asked to stop. */
    drainSeconds: z.number().min(0).default(20),
    perHour: z
      .strictObject({
        investigations: z.number().int().positive().default(60),
        costUsd: z.number().positive().default(20),
      })
      .prefault({}),
  })
  .prefault({});
export type WorkSettings = z.infer<typeof workSettingsSchema>;

/** How long things are kept, in days: `retention:` in `shodo.yaml`. Reports and audit stay. */
export const retentionSettingsSchema = z
  .strictObject({
    stepsDays: z.number().positive().default(90),
    evidenceDays: z.number().positive().default(90),
    alarmBodiesDays: z.number().positive().default(30),
    quarantineDays: z.number().positive().default(14),
    jobsDays: z.number().positive().default(14),
  })
  .prefault({});
export type RetentionSettings = z.infer<typeof retentionSettingsSchema>;

/** One entry of `notify:` in `shodo.yaml`. */
export const webhookNotifierSchema = z.strictObject({
  kind: z.literal("webhook"),
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, "may hold a-z, 0-9 and -"),
  url: z.url({ protocol: /^https?$/ }),
  /** Environment variable that holds the key of the HMAC in `X-Shodo-Signature-256`. */
  secretFrom: z.string().optional(),
});
