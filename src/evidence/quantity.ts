import { type EpochMs, toIso, type Window } from "../core/window.ts";

/** Numbers as an engineer writes them: three significant digits and the unit that reads best. */
export function quantity(value: number, unit: string | null): string {
  if (!Number.isFinite(value)) return "unknown";
  switch (unit) {
    case "ns":
      return time(value / 1e6);
    case "us":
      return time(value / 1e3);
    case "ms":
      return time(value);
    case "s":
      return time(value * 1000);
    case "bytes":
      return bytes(value);
    case "%":
      return `${digits(value)}%`;
    case "ratio":
      return `${digits(value * 100)}%`;
    default:
      return isCounted(unit) ? digits(value) : `${digits(value)} ${unit}`;
  }
}

/** No unit, or a remark in braces on what is counted (UCUM): `1`, `{connection}`. */
function isCounted(unit: string | null): boolean {
  return !unit || unit === "1" || /^\{.*\}$/.test(unit);
}

function time(ms: number): string {
  const size = Math.abs(ms);
  if (size >= 120_000) return `${digits(ms / 60_000)} min`;
  if (size >= 1000) return `${digits(ms / 1000)} s`;
  if (size >= 1 || ms === 0) return `${digits(ms)} ms`;
  return `${digits(ms * 1000)} µs`;
}

function bytes(value: number): string {
  const steps = ["B", "kB", "MB", "GB", "TB"];
  let index = 0;
  let size = value;
  while (Math.abs(size) >= 1000 && index < steps.length - 1) {
    size /= 1000;
    index++;
  }
  return `${digits(size)} ${steps[index]}`;
}

/** Three significant digits, thousands separated, no exponent for sizes people meet. */
export function digits(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  if (size < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(size >= 1 ? 3 : 2)));
}

/**
 * "13×" for a growth, "a third" style is left to people: "0.3×" for a fall; null without a base.
 */
export function times(now: number, before: number): string | null {
  if (!(before > 0) || !(now > 0)) return null;
  const ratio = now / before;
  return Number.isFinite(ratio) ? `${digits(Number(ratio.toPrecision(2)))}×` : null;
}

/** "rose from 180 ms to 2.4 s (13×)". */
export function moved(before: number, now: number, unit: string | null): string {
  const verb = now >= before ? "rose" : "fell";
  const ratio = times(now, before);
  const factor = ratio && (now > before * 1.2 || now < before / 1.2) ? ` (${ratio})` : "";
  return `${verb} from ${quantity(before, unit)} to ${quantity(now, unit)}${factor}`;
}

/** "10:14:30" in UTC; the date is the report's to say. */
export function clockTime(at: EpochMs): string {
  return toIso(at).slice(11, 19).replace(/:00$/, "");
}

/** "at 10:14 ± 1 min". */
export function atInterval(at: EpochMs, interval: Window): string {
  const half = Math.max(at - interval.from, interval.to - at, 0);
  if (half < 1000) return `at ${clockTime(at)}`;
  const size = half < 90_000 ? `${Math.round(half / 1000)} s` : `${Math.round(half / 60_000)} min`;
  return `at ${clockTime(at)} ± ${size}`;
}

/** A share as a percentage: "74%", "0.4%". */
export function percent(share: number): string {
  return `${digits(share * 100)}%`;
}
