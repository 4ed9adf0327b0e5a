import { cleanText } from "./clean.ts";

/** Fields that hold what anybody may have written: log lines and the text of changes. */
const foreignFields = new Set(["quote", "body", "diff"]);

/** What another server said, marked as data; its text cannot close the fence. */
export function fence(source: string, text: string, charsMax: number): string {
  const inner = unclosing(cleanText(text, charsMax));
  return `<untrusted source=${JSON.stringify(source)}>\n${inner}\n</untrusted>`;
}

/**
 * A clean JSON value in which what somebody else wrote stands in a fence that it cannot close.
 * Models read either form of an answer, so that the marks stand in the values themselves.
 */
export function fenceDeep(value: unknown, key = ""): unknown {
  if (typeof value === "string") {
    return foreignFields.has(key) ? `<untrusted>${unclosing(value)}</untrusted>` : value;
  }
  if (Array.isArray(value)) return value.map((item) => fenceDeep(item, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, fenceDeep(item, name)]),
  );
}

function unclosing(text: string): string {
  return text.replace(/<(\/?)untrusted/gi, "‹$1untrusted");
}
