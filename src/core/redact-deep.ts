/** Applies `redact` to every string inside a value; typed arrays and numbers pass through. */
export function redactDeep<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) return value.map((inner) => redactDeep(inner, redact)) as T;
  if (value && typeof value === "object" && !ArrayBuffer.isView(value)) {
    const entries = Object.entries(value).map(([key, inner]) => [key, redactDeep(inner, redact)]);
    return Object.fromEntries(entries) as T;
  }
  return value;
}
