import type { Frame } from "../../core/frame.ts";
import type { ChangeKind } from "../../core/rows.ts";
import { rowsFrame } from "../rows-frame.ts";

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
  return rowsFrame(rows, {
    times: { timestamp: (row) => row.at },
    texts: {
      kind: (row) => row.kind,
      service: (row) => row.service,
      ref: (row) => row.ref,
      title: (row) => row.title,
      author: (row) => row.author,
      diff: (row) => row.diff ?? null,
    },
    jsons: { files: (row) => row.files ?? [] },
  });
}
