/**
 * The value at a dotted path (`alert.labels.service`, `items.0.name`), or undefined. A path in
 * quotes is a constant. Only own properties are followed.
 */
export function valueAt(value: unknown, path: string): unknown {
  const constant = /^"(.*)"$|^'(.*)'$/.exec(path);
  if (constant) return constant[1] ?? constant[2];
  let current = value;
  for (const key of path.replace(/^\$\.?/, "").split(".")) {
    if (key === "") continue;
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) {
      return undefined;
    }
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}
