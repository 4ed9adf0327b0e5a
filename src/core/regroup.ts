import { z } from "zod";

/** What a person asks of grouping; the payload of a `regroup` job. */
export const regroupSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("merge"), incident: z.string(), into: z.string() }),
  z.object({
    kind: z.literal("split"),
    incident: z.string(),
    fingerprints: z.array(z.string()).min(1),
  }),
]);
export type Regroup = z.infer<typeof regroupSchema>;

/** What grouping is told when an incident is forgotten: later alarms of it are a new one. */
export const regroupJobSchema = z.union([
  regroupSchema,
  z.object({ kind: z.literal("forget"), incident: z.string() }),
]);
