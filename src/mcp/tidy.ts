/** A value without what says nothing: nulls, and digits beyond six. */
export function tidy(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? value : +value.toPrecision(6);
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  const told = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(told.map(([key, item]) => [key, tidy(item)]));
}
