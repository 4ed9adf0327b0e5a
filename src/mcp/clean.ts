import { mcpLimits } from "./limits.ts";

/** ANSI escape sequences, as terminals read them (ECMA-48: CSI, OSC and two-character escapes). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
/** Control, format, private, variation and filler characters: invisible, yet read by models. */
const invisible =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\u2028\u2029\u115f\u1160\u3164\uffa0]|[\ufe00-\ufe0f]|\u034f/gu;

/** Foreign text without invisible characters, clipped to `charsMax` with a mark that says so. */
export function cleanText(text: string, charsMax: number = mcpLimits.stringCharsMax): string {
  const visible = text.replace(escapes, "").replace(invisible, "");
  if (visible.length <= charsMax) return visible;
  return `${visible.slice(0, charsMax)}… [cut, ${visible.length} characters]`;
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
