const readable = new Set(["text", "title", "caption", "name", "label", "alt_text", "x_label"]);

/** Every text of a payload that a person can read, in order; ids, values and addresses are not. */
export function shownTexts(payload: unknown, key = ""): string[] {
  if (typeof payload === "string") return readable.has(key) ? [payload] : [];
  if (Array.isArray(payload)) return payload.flatMap((item) => shownTexts(item, key));
  if (typeof payload !== "object" || payload === null) return [];
  return Object.entries(payload).flatMap(([name, item]) => shownTexts(item, name));
}
