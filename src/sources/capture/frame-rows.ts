import type { Column, Frame } from "../../core/frame.ts";

/** The rows of a frame for which `keep` holds, in their order. */
export function selectRows(frame: Frame, keep: (row: number) => boolean): Frame {
  const rows = Array.from({ length: frame.length }, (_, row) => row).filter(keep);
  const columns = frame.columns.map((column): Column => {
    if (column.type === "number" || column.type === "time") {
      return { ...column, values: Float64Array.from(rows, (row) => column.values[row] as number) };
    }
    return { ...column, values: rows.map((row) => column.values[row]) } as Column;
  });
  return { columns, length: rows.length };
}
