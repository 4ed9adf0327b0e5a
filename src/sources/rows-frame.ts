import type { Column, Frame } from "../core/frame.ts";

type Of<Row, Value> = Readonly<Record<string, (row: Row) => Value>>;

/** What the columns of each type take from a row, by their names. */
export interface ColumnsOf<Row> {
  readonly texts?: Of<Row, string | null>;
  /** Epoch ms. */
  readonly times?: Of<Row, number>;
  readonly numbers?: Of<Row, number>;
  readonly jsons?: Of<Row, unknown>;
}

/** Rows as a frame. */
export function rowsFrame<Row>(rows: readonly Row[], of: ColumnsOf<Row>): Frame {
  const { texts = {}, times = {}, numbers = {}, jsons = {} } = of;
  const numeric = (type: "time" | "number") =>
    Object.entries(type === "time" ? times : numbers).map(
      ([name, take]): Column => ({ name, type, values: Float64Array.from(rows, take) }),
    );
  return {
    length: rows.length,
    columns: [
      ...Object.entries(texts).map(
        ([name, take]): Column => ({ name, type: "text", values: rows.map(take) }),
      ),
      ...numeric("time"),
      ...numeric("number"),
      ...Object.entries(jsons).map(
        ([name, take]): Column => ({ name, type: "json", values: rows.map(take) }),
      ),
    ],
  };
}
