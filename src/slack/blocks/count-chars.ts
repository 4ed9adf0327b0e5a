/** The characters that Slack would count in a message. */
export function countChars(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countChars(item), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, item]) => {
    if (typeof item !== "string") return sum + countChars(item);
    return sum + (textKeys.has(key) ? item.length : 0);
  }, 0);
}

const textKeys = new Set(["text", "title", "alt_text", "caption", "label", "name", "value"]);
