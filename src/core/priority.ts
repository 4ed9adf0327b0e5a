import { z } from "zod";
import { messageSchema } from "./message.ts";

export const priorityLevels = ["P0", "P1", "P2", "P3"] as const;
export type PriorityLevel = (typeof priorityLevels)[number];

export const ratings = ["critical", "high", "medium", "low"] as const;
export type Rating = (typeof ratings)[number];

/** `matrix[impact][severity]` is the level. */
export type PriorityMatrix = Readonly<Record<Rating, Readonly<Record<Rating, PriorityLevel>>>>;

export const factorSchema = z.object({
  name: z.string(),
  rating: z.enum(ratings),
  /** measured from evidence, assumed by rule, or unknown; unknown is never low. */
  state: z.enum(["measured", "assumed", "unknown"]),
  statement: z.string(),
  /** The statement in parts, for other languages than English. */
  message: messageSchema.optional(),
  evidence: z.array(z.string()),
});
export type PriorityFactor = z.infer<typeof factorSchema>;

export const priorityOverrideSchema = z.object({
  level: z.enum(priorityLevels),
  /** Name to show. */
  by: z.string(),
  /** The same person's id within their door. */
  id: z.string().optional(),
  at: z.string(),
  reason: z.string(),
});
export type PriorityOverride = z.infer<typeof priorityOverrideSchema>;

export const prioritySchema = z.object({
  level: z.enum(priorityLevels),
  impact: z.enum(ratings),
  severity: z.enum(ratings),
  respondWithin: z.string(),
  factors: z.array(factorSchema),
  /** A person's level stands in `level`; what was computed is kept beside it. */
  overriddenBy: priorityOverrideSchema.optional(),
  computed: z.object({ level: z.enum(priorityLevels), respondWithin: z.string() }).optional(),
});
export type Priority = z.infer<typeof prioritySchema>;

/**
 * A person's level on top of the computed one, which is kept beside it however often it is changed.
 */
export function withOverride(
  priority: Priority,
  override: PriorityOverride,
  respondWithin: PrioritySettings["respondWithin"],
): Priority {
  const computed = priority.computed ?? {
    level: priority.level,
    respondWithin: priority.respondWithin,
  };
  return {
    ...priority,
    level: override.level,
    respondWithin: respondWithin[override.level],
    overriddenBy: override,
    computed,
  };
}

/** Everything about priority that a team may set; defaults live in `priority/`. */
export interface PrioritySettings {
  readonly matrix: PriorityMatrix;
  readonly respondWithin: Readonly<Record<PriorityLevel, string>>;
  /** Services whose failures users see; empty means entry points of the topology. */
  readonly userFacing: readonly string[];
  /** Services with legal or regulatory weight. */
  readonly regulated: readonly string[];
  /** Busy hours of the day, `HH:MM` in a time zone; empty means the day's own curve tells. */
  readonly peakHours: readonly {
    readonly from: string;
    readonly to: string;
    readonly timeZone: string;
  }[];
  /** Parts of the names of alarms that report a security breach. */
  readonly securityAlarms: readonly string[];
  /** Services that are a secondary function. */
  readonly secondary: readonly string[];
  readonly thresholds: PriorityThresholds;
}

/** Lower bounds of each rating; a share is 0..1. */
export interface PriorityThresholds {
  /** Share of users or requests that fail. */
  readonly usersAffected: Readonly<Record<Exclude<Rating, "low">, number>>;
  /** Share of a KPI lost against what was expected. */
  readonly kpiLost: Readonly<Record<Exclude<Rating, "low">, number>>;
  /** Share of requests of a core service that fail. */
  readonly unavailable: Readonly<Record<Exclude<Rating, "low">, number>>;
  /** Duration of slow requests divided by what is normal. */
  readonly slowdown: Readonly<Record<Exclude<Rating, "low">, number>>;
}
