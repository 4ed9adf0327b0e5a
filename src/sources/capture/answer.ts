import type { CaptureIncident } from "../../core/capture.ts";
import type { Column, Frame } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { Gap } from "../../core/outcome.ts";
import { toIso, type Window } from "../../core/window.ts";
import { quoted } from "./duck-sql.ts";
import type { Stop } from "./engine.ts";
import type { TableName } from "./files.ts";
import type { CaptureStore } from "./store.ts";

/** What a question is answered from. */
export interface Capture {
  readonly store: CaptureStore;
  readonly incident: CaptureIncident;
}

/** An answer before it is wrapped as an outcome. No rows mean `empty`. */
export interface Answer {
  readonly frame: Frame;
  /** The SQL that gives it, over the capture's views; `native` runs it again. */
  readonly sql: string;
  readonly truncated: boolean;
  readonly gaps?: readonly Gap[];
  /** Bytes of files read for it. */
  readonly bytes?: number;
}

/** How one kind of question is answered, and from which tables. */
export interface Answerer<Query> {
  readonly tables: readonly TableName[];
  /** It opens its tables itself, in the pass that answers. */
  readonly opensTables?: boolean;
  /** The derived table that it reads in place of files, once that is made. */
  readonly derived?: string;
  answer(capture: Capture, query: Query, window: Window, stop: Stop): Promise<Answer>;
}

/** Nothing was found, or there is nothing to look in. */
export const nothing: Answer = {
  frame: { columns: [], length: 0 },
  sql: "",
  truncated: false,
};

/** A condition that holds for times inside the window. */
export function inWindow(column: string, window: Window): string {
  return `${column} >= ${timeSql(window.from)} AND ${column} < ${timeSql(window.to)}`;
}

/**
 * A condition that holds for times inside the window or the baseline. Periods that touch are one,
 * which lets the engine skip what lies outside without looking at each row.
 */
export function inPeriods(column: string, window: Window, baseline: Window | undefined): string {
  if (!baseline) return inWindow(column, window);
  const isApart = baseline.to < window.from || window.to < baseline.from;
  if (isApart) return `((${inWindow(column, window)}) OR (${inWindow(column, baseline)}))`;
  const from = Math.min(window.from, baseline.from);
  return inWindow(column, { from, to: Math.max(window.to, baseline.to) });
}

function timeSql(at: number): string {
  return `TIMESTAMPTZ ${quoted(toIso(at).replace("T", " ").replace("Z", "+00"))}`;
}

/** A condition on the service, `true` when all are asked for. */
export function forServices(column: string, services: readonly string[] | undefined): string {
  if (!services) return "true";
  if (services.length === 0) return "false";
  return `${column} IN (${services.map(quoted).join(", ")})`;
}

/** The rows to return at most: what was asked, else the default, never above the ceiling. */
export function rowLimit(asked: number | undefined, usual: number = limits.rowsDefault): number {
  return Math.max(1, Math.min(asked ?? usual, limits.rowsMax));
}

/** The first `most` rows of a frame that was read with one row too many. */
export function cut(frame: Frame, most: number): { frame: Frame; truncated: boolean } {
  if (frame.length <= most) return { frame, truncated: false };
  const columns = frame.columns.map((c) => ({ ...c, values: c.values.slice(0, most) }) as Column);
  return { frame: { columns, length: most }, truncated: true };
}

/** Runs `sql` for at most `most` rows and says whether there were more. */
export async function limited(
  capture: Capture,
  sql: string,
  most: number,
  stop: Stop,
): Promise<Answer> {
  const whole = await capture.store.engine.query(`${sql}\nLIMIT ${most + 1}`, stop);
  return { ...cut(whole, most), sql };
}
