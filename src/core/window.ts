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

/** ISO 8601 in, epoch milliseconds out; the fault names the value. */
export const isoTime = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    context.addIssue({ code: "custom", message: `"${text}" is not an ISO 8601 time` });
    return z.NEVER;
  }
  return at;
});

/** A window as written in files and by callers: ISO times, from before to. */
export const isoWindow = z
  .object({ from: isoTime, to: isoTime })
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
