import { type EpochMs, toIso } from "../../core/window.ts";

/**
 * A time in the reader's own zone, for mrkdwn only. The fallback after `|` is UTC, for clients that
 * do not know the token (docs.slack.dev, formatting dates).
 */
export function localTime(at: EpochMs): string {
  return `<!date^${Math.floor(at / 1_000)}^{date_short_pretty} {time}|${utcTime(at)}>`;
}

/** `2026-11-21 07:25 UTC`, for plain text and Markdown, where Slack translates nothing. */
export function utcTime(at: EpochMs): string {
  return `${toIso(at).slice(0, 16).replace("T", " ")} UTC`;
}

/** `07:25:31`, for lists whose heading says UTC. */
export function clockTime(iso: string): string {
  return Number.isNaN(Date.parse(iso)) ? iso : new Date(iso).toISOString().slice(11, 19);
}

/** At most three significant digits, with thousands separators; `–` when there is none. */
export function amount(value: number | undefined | null, unit = ""): string {
  if (value === undefined || value === null || !Number.isFinite(value)) return "–";
  const digits = Math.abs(value) >= 1_000 ? 0 : 3;
  const text =
    digits === 0 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
  if (unit === "" || unit === "1") return text;
  return unit === "%" ? `${text}%` : `${text} ${unit}`;
}

/** `share` is 0..1; whole percents. */
export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
