/**
 * A frame is a table held by columns. Metrics, logs, traces and changes all arrive as frames, so
 * that statistics, tools and engines see one shape.
 */
export interface Frame {
  readonly columns: readonly Column[];
  readonly length: number;
}

/** One column. Missing numbers are `NaN`, missing text is `null`. Times are epoch milliseconds. */
export type Column = NumberColumn | TextColumn | PointsColumn | JsonColumn;

export interface NumberColumn {
  readonly name: string;
  readonly type: "number" | "time";
  readonly unit?: string;
  readonly values: Float64Array;
}

export interface TextColumn {
  readonly name: string;
  readonly type: "text";
  readonly values: readonly (string | null)[];
}

/** A whole series in each row: what keeps 20,000 series x 1,440 points out of row-shaped memory. */
export interface PointsColumn {
  readonly name: string;
  readonly type: "points";
  readonly unit?: string;
  readonly values: readonly Points[];
}

export interface JsonColumn {
  readonly name: string;
  readonly type: "json";
  readonly values: readonly unknown[];
}

/** Samples in ascending time; `times[i]` (epoch ms) belongs to `values[i]`. */
export interface Points {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

export const emptyFrame: Frame = { columns: [], length: 0 };

/** The numbers of a column, or all-`NaN` when the frame lacks it. */
export function numbers(frame: Frame, name: string): Float64Array {
  const column = frame.columns.find((c) => c.name === name);
  if (column && (column.type === "number" || column.type === "time")) return column.values;
  return new Float64Array(frame.length).fill(Number.NaN);
}

/** The texts of a column, or all-`null` when the frame lacks it. */
export function texts(frame: Frame, name: string): readonly (string | null)[] {
  const column = frame.columns.find((c) => c.name === name);
  return column?.type === "text" ? column.values : new Array<null>(frame.length).fill(null);
}

/** The series of a points column, or none. */
export function points(frame: Frame, name: string): readonly Points[] {
  const column = frame.columns.find((c) => c.name === name);
  return column?.type === "points" ? column.values : [];
}

/** The values of a JSON column, or all-`null`. */
export function json(frame: Frame, name: string): readonly unknown[] {
  const column = frame.columns.find((c) => c.name === name);
  return column?.type === "json" ? column.values : new Array<null>(frame.length).fill(null);
}
