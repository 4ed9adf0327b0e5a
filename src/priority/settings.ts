import { z } from "zod";
import { type PrioritySettings, priorityLevels } from "../core/priority.ts";
import { matrix, respondWithin } from "./matrix.ts";

const level = z.enum(priorityLevels);
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 18:00");
const services = z.array(z.string()).default([]);

function row(defaults: PrioritySettings["matrix"]["low"]) {
  return z
    .strictObject({
      critical: level.default(defaults.critical),
      high: level.default(defaults.high),
      medium: level.default(defaults.medium),
      low: level.default(defaults.low),
    })
    .prefault({});
}

/** Lower bounds, which must fall from critical to medium. */
function bounds(defaults: { critical: number; high: number; medium: number }) {
  return z
    .strictObject({
      critical: z.number().positive().default(defaults.critical),
      high: z.number().positive().default(defaults.high),
      medium: z.number().positive().default(defaults.medium),
    })
    .refine((b) => b.critical >= b.high && b.high >= b.medium, {
      message: "bounds must not rise from critical over high to medium",
    })
    .prefault({});
}

/** The `priority` section of `shodo.yaml`: every part may be left out. */
export const prioritySettingsSchema = z
  .strictObject({
    matrix: z
      .strictObject({
        critical: row(matrix.critical),
        high: row(matrix.high),
        medium: row(matrix.medium),
        low: row(matrix.low),
      })
      .prefault({}),
    respondWithin: z
      .strictObject({
        P0: z.string().default(respondWithin.P0),
        P1: z.string().default(respondWithin.P1),
        P2: z.string().default(respondWithin.P2),
        P3: z.string().default(respondWithin.P3),
      })
      .prefault({}),
    userFacing: services,
    regulated: services,
    peakHours: z
      .array(z.strictObject({ from: clock, to: clock, timeZone: z.string().default("UTC") }))
      .default([]),
    securityAlarms: z.array(z.string().min(3)).default([]),
    secondary: services,
    thresholds: z
      .strictObject({
        usersAffected: bounds({ critical: 0.5, high: 0.05, medium: 0.01 }),
        kpiLost: bounds({ critical: 0.5, high: 0.1, medium: 0.03 }),
        unavailable: bounds({ critical: 0.7, high: 0.1, medium: 0.01 }),
        slowdown: bounds({ critical: 50, high: 8, medium: 2 }),
      })
      .prefault({}),
  })
  .prefault({});

/** What holds when a team sets nothing. */
export const defaultPrioritySettings: PrioritySettings = prioritySettingsSchema.parse({});
