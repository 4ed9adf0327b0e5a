import { mcpLimits } from "./limits.ts";

/** Where an answer goes on: an opaque text for the caller, an offset for us. */
export function cursorAt(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString("base64url");
}

/** The offset of a cursor of ours, 0 without one, null for anything else. */
export function offsetOf(cursor: string | undefined): number | null {
  if (cursor === undefined) return 0;
  const match = /^offset:(\d{1,6})$/.exec(Buffer.from(cursor, "base64url").toString("utf8"));
  return match ? Number(match[1]) : null;
}

export interface Page {
  readonly value: unknown;
  /** Lists of which a part is shown: `findings 1-8 of 23`. */
  readonly cut: readonly string[];
  /** True when some list holds more than this page and those before it showed. */
  readonly isCut: boolean;
  /** True when every list ends before this page: no answer of ours gave out such a cursor. */
  readonly isPast: boolean;
  /** Where the longest list goes on, or null when everything was shown. */
  readonly next: number | null;
}

/**
 * One page of an answer: lists at the top two levels are cut to `items` from `offset` on, deeper
 * ones to `items`; a list that ends before `offset` is left out. What was cut is said.
 */
export function pageOf(value: unknown, offset: number, items: number): Page {
  const cut: string[] = [];
  let goesOn = false;
  let isCut = false;
  let isPast = offset > 0;
  const walk = (node: unknown, path: string, depth: number): unknown => {
    if (Array.isArray(node)) return walkList(node, path, depth);
    if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return node;
    if (depth > mcpLimits.depthMax) return "[nested too deep to show]";
    const entries = Object.entries(node).map(([key, item]) => {
      return [key, walk(item, path ? `${path}.${key}` : key, depth + 1)];
    });
    return Object.fromEntries(entries);
  };
  const walkList = (list: readonly unknown[], path: string, depth: number): unknown[] => {
    const isPaged = depth <= 2;
    const from = isPaged ? offset : 0;
    const shown = list.slice(from, from + items);
    if (isPaged && shown.length > 0) isPast = false;
    if (shown.length < list.length) {
      const range = shown.length === 0 ? "0" : `${from + 1}-${from + shown.length}`;
      cut.push(`${path || "items"} ${range} of ${list.length}`);
    }
    if (from + items < list.length) {
      isCut = true;
      goesOn ||= isPaged;
    }
    return shown.map((item) => walk(item, `${path}[]`, depth + 1));
  };
  const paged = walk(value, "", 0);
  return { value: paged, cut, isCut, isPast, next: goesOn ? offset + items : null };
}
