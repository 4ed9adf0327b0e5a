import { blockLimits as max } from "./block-limits.ts";
import { countChars } from "./count-chars.ts";
import { count, type Fault, type Json, list, string } from "./shape-checks.ts";

/** Faults of a data table: a plain header row, rows of equal length, a caption. */
export function dataTableFaults(block: Json, path: string): Fault[] {
  const rows = Array.isArray(block.rows) ? block.rows.map(list) : [];
  const width = rows[0]?.length ?? 0;
  return [
    ...string(block.caption, `${path}/caption`, 1, max.tableCaption),
    ...count(block.rows, `${path}/rows`, 2, max.tableRows),
    ...count(rows[0] ?? [], `${path}/rows/0`, 1, max.tableColumns),
    ...rows.flatMap((row, i) =>
      row.length === width ? [] : [{ path: `${path}/rows/${i}`, rule: "rows of equal length" }],
    ),
    ...(rows[0] ?? []).flatMap((cell, i) =>
      cell.type === "raw_text" ? [] : [{ path: `${path}/rows/0/${i}`, rule: "plain header cells" }],
    ),
    ...rows.flatMap((row, i) =>
      row.flatMap((cell, j) =>
        cell.type === "raw_text" ? string(cell.text, `${path}/rows/${i}/${j}`, 1, 3_000) : [],
      ),
    ),
    ...(countChars(block.rows) > max.tableChars
      ? [{ path, rule: `at most ${max.tableChars} characters over all cells` }]
      : []),
  ];
}
