import type { EpochMs } from "../core/window.ts";

/** `14:03`, or with its day when that is not the day of `near`. Always UTC. */
export function clock(at: EpochMs, near: EpochMs = at): string {
  const iso = new Date(at).toISOString();
  const time = iso.slice(11, 16);
  return iso.slice(0, 10) === new Date(near).toISOString().slice(0, 10)
    ? time
    : `${iso.slice(0, 10)} ${time}`;
}

/** `2026-11-21 14:03`. */
export function dayAndClock(at: EpochMs): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
}

/** `14:03:20` */
export function clockSeconds(at: EpochMs): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** A share 0..1 as `92%`. */
export function percent(share: number): string {
  const value = share * 100;
  const isSmall = Math.abs(value) > 0 && Math.abs(value) < 10;
  return `${isSmall ? Number(value.toPrecision(2)) : Math.round(value)}%`;
}

/** Three significant digits, thousands separated: `1,240`, `0.0123`, `12.3`. */
export function amount(value: number): string {
  if (!Number.isFinite(value)) return "—";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

/** `640 B`, `12 MB`. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : Number(value.toPrecision(2))} ${units[unit]}`;
}

/** `45 s`, `2 min`. */
export function span(lengthMs: number): string {
  if (lengthMs < 90_000) return `${Math.round(lengthMs / 1000)} s`;
  if (lengthMs < 5_400_000) return `${Math.round(lengthMs / 60_000)} min`;
  return `${Number((lengthMs / 3_600_000).toPrecision(2))} h`;
}
