/** A rule of Slack's that a payload breaks, and where (JSON pointer). */
export interface Fault {
  readonly path: string;
  readonly rule: string;
}

/** Anything that came or goes over the wire. */
export type Json = Readonly<Record<string, unknown>>;

/** Faults of a text object. */
export function text(value: unknown, path: string, most: number, type?: "plain_text"): Fault[] {
  const object = asJson(value);
  const kinds = type ? [type] : ["plain_text", "mrkdwn"];
  if (!kinds.includes(String(object.type))) return [{ path, rule: `${kinds.join(" or ")} object` }];
  return string(object.text, `${path}/text`, 1, most);
}

/** Faults of a string's length. */
export function string(value: unknown, path: string, least: number, most: number): Fault[] {
  if (typeof value !== "string") return [{ path, rule: "must be a string" }];
  if (value.length < least) return [{ path, rule: `at least ${least} characters` }];
  return value.length > most ? [{ path, rule: `at most ${most} characters` }] : [];
}

/** Faults of a list's length. */
export function count(value: unknown, path: string, least: number, most: number): Fault[] {
  if (!Array.isArray(value)) return [{ path, rule: "must be a list" }];
  if (value.length < least) return [{ path, rule: `at least ${least} items` }];
  return value.length > most ? [{ path, rule: `at most ${most} items` }] : [];
}

/** Anything that is no list counts as empty; items that are no objects become empty ones. */
export function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asJson) : [];
}

/** Anything that is no object becomes an empty one, so that fields can be read from it. */
export function asJson(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}
