import { UserError } from "../core/errors.ts";
import { type EpochMs, timeOf } from "../core/window.ts";

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * A time as people type it: ISO 8601 (UTC unless it names a zone), or an age such as `90m`, `2h`,
 * `1d` before `now`.
 */
export function parseTime(text: string, now: EpochMs, option: string): EpochMs {
  const age = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  if (age) return now - Number(age[1]) * (unitMs[age[2] ?? ""] ?? 0);
  const at = timeOf(text);
  if (!Number.isNaN(at)) return at;
  throw new UserError(
    `${option} "${text}" is not a time. Write ISO 8601 (2026-11-21T10:00:00Z) or an age (90m, 2h).`,
  );
}
