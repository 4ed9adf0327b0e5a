/**
 * A JSON value as indented `key: value` lines: the text that says the same as `structuredContent`,
 * for hosts that show only text. Every string stays on one line, so that no telemetry can pretend
 * to be a line of ours.
 */
export function toText(value: unknown, indent = ""): string {
  if (Array.isArray(value)) return value.map((item) => listItem(item, indent)).join("\n");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([key, item]) => `${indent}${keyText(key)}:${field(item, indent)}`)
      .join("\n");
  }
  return `${indent}${scalar(value)}`;
}

function field(value: unknown, indent: string): string {
  if (Array.isArray(value) && value.length === 0) return " none";
  if (Array.isArray(value) && value.every(isShort)) return ` ${value.map(scalar).join(", ")}`;
  if (typeof value === "object" && value !== null) {
    return Object.keys(value).length === 0 ? " none" : `\n${toText(value, `${indent}  `)}`;
  }
  return ` ${scalar(value)}`;
}

function listItem(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return `${indent}- ${scalar(value)}`;
  const text = toText(value, `${indent}  `);
  return `${indent}- ${text.slice(indent.length + 2)}`;
}

function isShort(value: unknown): boolean {
  if (typeof value === "string") return value.length < 40 && scalar(value) === value;
  return typeof value === "number" || typeof value === "boolean";
}

function keyText(key: string): string {
  return /^[\w./-]+$/.test(key) ? key : JSON.stringify(key);
}

/** Plain where that is unambiguous, else quoted as JSON. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "null";
  const isPlain = value !== "" && value.trim() === value && !/[\n\r\t]|^[-"[{]|, $/.test(value);
  return isPlain ? value : JSON.stringify(value);
}
