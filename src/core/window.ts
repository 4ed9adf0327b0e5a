import { z } from "zod";

/** Milliseconds since 1970-01-01 UTC. The only form of time inside Shodo; ISO 8601 at the edges. */
export type EpochMs = number;

/** A half-open stretch of time, `[from, to)`. */
export interface Window {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** The window looked at, and the normal time it is compared with. */
export interface Comparison {
  readonly window: Window;
  readonly baseline: Window;
}

/**
 * A time as telemetry and people write it, NaN when it is none: ISO 8601, in UTC unless it names a
 * zone, or an epoch in seconds, milliseconds or nanoseconds, told apart by their size.
 */
export function timeOf(value: string | number): EpochMs {
  const number = typeof value === "number" ? value : epochText.test(value) ? Number(value) : null;
  if (number === null) return Date.parse(`${value}`.trim().replace(zoneless, "$1T$2Z"));
  if (number < 1e11) return number * 1_000;
  return number > 1e14 ? Math.floor(number / 1e6) : number;
}

const epochText = /^\d{9,19}(\.\d+)?$/;
const zoneless = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/;

/** Such a time, as epoch milliseconds; the fault names the value. */
export const timeSchema = z.union([z.string(), z.number()]).transform((value, context) => {
  const at = timeOf(value);
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: "custom", message: `"${value}" is not an ISO 8601 time` });
  return z.NEVER;
});

/** A window as written in files and by callers, from before to. */
export const windowSchema = z
  .object({ from: timeSchema, to: timeSchema })
  .refine((w) => w.from < w.to, { message: "`from` must be before `to`" });

/** Epoch milliseconds as ISO 8601 in UTC, without milliseconds when they are zero. */
export function toIso(at: EpochMs): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/** True when `at` lies in `[from, to)`. */
export function isWithin(at: EpochMs, window: Window): boolean {
  return at >= window.from && at < window.to;
}

/** Length of a window in milliseconds. */
export function lengthMs(window: Window): number {
  return window.to - window.from;
}
