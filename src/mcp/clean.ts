import { redact, stripInvisible } from "../core/redaction.ts";
import { mcpLimits } from "./limits.ts";

/**
 * Foreign text as it may leave through this door: nothing invisible, no secrets, clipped with a
 * mark that says so.
 */
export function cleanText(text: string, charsMax: number = mcpLimits.stringCharsMax): string {
  const safe = redact(stripInvisible(text));
  if (safe.length <= charsMax) return safe;
  return `${safe.slice(0, charsMax).toWellFormed()}… [cut, ${safe.length} characters]`;
}

/** Every string of a JSON value cleaned; numbers that JSON lacks become null. */
export function cleanDeep(value: unknown, charsMax?: number, depth = 0): unknown {
  if (depth > mcpLimits.depthMax) return "[nested too deep to show]";
  if (typeof value === "string") return cleanText(value, charsMax);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map((item) => cleanDeep(item, charsMax, depth + 1));
  if (ArrayBuffer.isView(value)) return cleanDeep([...(value as Float64Array)], charsMax, depth);
  if (typeof value !== "object" || value === null) return value ?? null;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => [cleanText(key, 200), cleanDeep(item, charsMax, depth + 1)]);
  return Object.fromEntries(entries);
}
