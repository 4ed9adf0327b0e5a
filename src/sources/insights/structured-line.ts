import { severityOf } from "./query.ts";

/** A log line as a person would read it. */
export interface StructuredLine {
  readonly body: string;
  readonly severity: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
}

/** Keys under which the common loggers of all languages write their text, most usual first. */
const textKeys = [
  "message",
  "msg",
  "body",
  "log",
  "event",
  "@message",
  "@m",
  "text",
  "short_message",
];
const traceField = /"(?:trace_?id|dd\.trace_id|xray_trace_id)"\s*:\s*"([0-9a-f-]{16,36})"/i;
const spanField = /"span_?id"\s*:\s*"([0-9a-f]{16})"/i;

/**
 * A line of JSON by its text, or the line as it is. Works on masked lines too, where a variable
 * part, quoted or not, is `<*>`.
 */
export function structuredLine(line: string): StructuredLine {
  const severity = severityOf(line);
  const traceId = traceField.exec(line)?.[1] ?? null;
  const spanId = spanField.exec(line)?.[1] ?? null;
  return { body: textOf(line) ?? line.trimEnd(), severity, traceId, spanId };
}

function textOf(line: string): string | null {
  const start = line.indexOf("{");
  // A prefix such as a time stands before the object at most, not a sentence about one.
  if (start < 0 || !line.trimEnd().endsWith("}") || /[a-z]{3,}/i.test(line.slice(0, start))) {
    return null;
  }
  const fields = parsed(line.slice(start)) ?? parsed(quoted(line.slice(start)));
  if (!fields) return null;
  for (const key of textKeys) {
    const value = fields[key];
    if (typeof value === "string" && value.trim() !== "") return value.trimEnd();
  }
  return null;
}

/** `"took":<*>` as `"took":"<*>"`. */
function quoted(text: string): string {
  return text.replace(/([:,[]\s*)((?:[\w.+-]|<\*>)*<\*>(?:[\w.+-]|<\*>)*)(?=\s*[,}\]])/g, '$1"$2"');
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
