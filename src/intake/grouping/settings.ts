import { z } from "zod";
import { timeSchema } from "../../core/window.ts";

/** How alarms become incidents: `grouping:` in `shodo.yaml`. */
export const groupingSettingsSchema = z
  .strictObject({
    /** A group becomes an incident when no alarm came for this long … */
    debounceSeconds: z.number().min(0).default(2),
    /** … or when its first alarm is this old, even while more arrive. */
    maxWaitSeconds: z.number().min(0).default(3),
    /** Different alarms that make an incident. */
    incidentAfter: z.number().int().positive().default(1),
    /** A group takes late alarms this long after its last one. */
    openMinutes: z.number().positive().default(30),
    /** An alarm joins a group at this score; see `correlate.ts`. */
    joinScore: z.number().min(0).max(1).default(0.6),
    /** Over this time two alarms cease to be close. */
    nearMinutes: z.number().positive().default(5),
    flapping: z
      .strictObject({
        /** Changes of state within the time that make an alarm a flapping one. */
        changes: z.number().int().min(2).default(6),
        withinMinutes: z.number().positive().default(15),
      })
      .prefault({}),
    /** Alarms that match are recorded and open nothing. */
    maintenance: z
      .array(
        z.strictObject({
          name: z.string(),
          from: timeSchema,
          to: timeSchema,
          /** Empty means every service. */
          services: z.array(z.string()).default([]),
        }),
      )
      .default([]),
    /** Only records what would have been grouped; opens no incident. */
    shadow: z.boolean().default(false),
  })
  .prefault({});
export type GroupingSettings = z.infer<typeof groupingSettingsSchema>;
