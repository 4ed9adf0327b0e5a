import { z } from "zod";

/**
 * A statement in parts, so that another language can say it: a template's name and its values. The
 * English sentence always stands beside it; a language without the template shows that one.
 */
export const messageSchema = z.object({
  /** Which template: `priority.users.failing`. */
  id: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Message = z.infer<typeof messageSchema>;

/** A template with its `{name}` places filled; a name without a value stays as it is. */
export function fill(template: string, params: Message["params"]): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => String(params[name] ?? place));
}
