import type { Frame } from "../../core/frame.ts";
import type { ChangeKind } from "../../core/rows.ts";

/** A change as its source tells it. */
export interface ChangeRow {
  readonly at: number;
  readonly kind: ChangeKind;
  readonly service: string;
  readonly ref: string;
  readonly title: string;
  readonly author: string | null;
  /** What was changed, as lines of a diff, where the source keeps both sides. */
  readonly diff?: string | null;
  readonly files?: readonly string[];
}

/** Changes as the frame of `changes`. */
export function changesFrame(rows: readonly ChangeRow[]): Frame {
  const text = (name: string, of: (row: ChangeRow) => string | null) => ({
    name,
    type: "text" as const,
    values: rows.map(of),
  });
  return {
    length: rows.length,
    columns: [
      { name: "timestamp", type: "time", values: Float64Array.from(rows, ({ at }) => at) },
      text("kind", (row) => row.kind),
      text("service", (row) => row.service),
      text("ref", (row) => row.ref),
      text("title", (row) => row.title),
      text("author", (row) => row.author),
      { name: "files", type: "json", values: rows.map((row) => row.files ?? []) },
      text("diff", (row) => row.diff ?? null),
    ],
  };
}
