import { cleanLine, cleanText } from "../core/redaction.ts";

/**
 * Text that may come from telemetry, as Markdown that shows it letter by letter: no markup, link,
 * image, HTML or table cell can come out of it. Redacted and cleaned first.
 */
export function plain(text: string, charsMax = 400): string {
  return readable(cleanLine(text, charsMax))
    .replace(/[\\`*<|~]/g, "\\$&")
    .replace(/\](?=[([:])/g, "\\]")
    .replace(/!(?=\[)/g, "\\!")
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\_")
    .replace(/&(?=#?\w+;)/g, "\\&")
    .replace(/:\/\//g, ":\\//")
    .replace(/\b(www)\./gi, "$1\\.")
    .replace(/^([#>+=[-])/, "\\$1")
    .replace(/^(\d+)([.)])/, "$1\\$2");
}

/** Log patterns mark what varies as `<*>`; a reader is better served by an ellipsis. */
export function readable(text: string): string {
  return text.replace(/<\*>/g, "…").replace(/…(?:\s*…)+/g, "…");
}

/** A name in a code span; backticks inside cannot end it. */
export function code(text: string, charsMax = 200): string {
  const clean = cleanLine(text, charsMax);
  if (clean === "") return "` `";
  const ticks = "`".repeat(longestRun(clean) + 1);
  const pad = /^`|`$/.test(clean) ? " " : "";
  return `${ticks}${pad}${clean}${pad}${ticks}`;
}

/** Text in a fenced block that nothing inside can close. */
export function fence(text: string, language: string, charsMax: number): string {
  const clean = cleanText(text, charsMax);
  const ticks = "`".repeat(Math.max(3, longestRun(clean) + 1));
  return `${ticks}${language}\n${clean}\n${ticks}`;
}

/** A link whose target is one of ours (an anchor, a file) or an https address without surprises. */
export function link(label: string, target: string): string {
  const isOurs = /^(?:#[eq]\d+|[\w./-]+)$/i.test(target);
  const isWeb = /^https?:\/\/[^\s<>[\]"'`\\]+$/i.test(target);
  if (!isOurs && !isWeb) return label;
  // Consoles keep their state in brackets, which would end a bare address.
  return /[()]/.test(target) ? `[${label}](<${target}>)` : `[${label}](${target})`;
}

/** Evidence ids that link to their place below: ` [E1](#e1) [E4](#e4)`. */
export function cites(ids: readonly string[], max = 4): string {
  const shown = ids.slice(0, max).map((id) => link(id, `#${id.toLowerCase()}`));
  const rest = ids.length - shown.length;
  return shown.length === 0 ? "" : ` ${shown.join(" ")}${rest > 0 ? ` +${rest}` : ""}`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const run of text.match(/`+/g) ?? []) longest = Math.max(longest, run.length);
  return longest;
}
