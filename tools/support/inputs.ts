import { z } from "zod";
import type { ToolContext } from "../../src/core/tool.ts";
import type { Window } from "../../src/core/window.ts";

/** Input fields that several tools share, described once. */
export const servicesField = z
  .array(z.string().max(200))
  .max(50)
  .optional()
  .describe("Only these services, as list_services names them");

/** `fallback` is used when the caller names none; more than `max` is refused, not cut. */
export const limitField = (fallback: number, max: number) =>
  z.number().int().min(1).max(max).default(fallback).describe("Most rows to return");

export const windowFields = {
  from: z.iso.datetime({ offset: true }).optional().describe("Start, ISO 8601; default: incident"),
  to: z.iso.datetime({ offset: true }).optional().describe("End, ISO 8601; default: incident"),
};

/** The window asked for, or the incident's. An end before the start counts as not asked for. */
export function windowOf(
  input: { from?: string | undefined; to?: string | undefined },
  context: ToolContext,
): Window {
  const window = {
    from: input.from ? Date.parse(input.from) : context.window.from,
    to: input.to ? Date.parse(input.to) : context.window.to,
  };
  return window.from < window.to ? window : context.window;
}
