import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { limits } from "../core/limits.ts";
import type { Gap, Outcome, Provenance } from "../core/outcome.ts";
import type { SignalQuery } from "../core/query.ts";
import type { ChangeKind } from "../core/rows.ts";
import type { Source, SourceContext, SourceDefinition } from "../core/source.ts";
import { isWithin, timeOf, toIso, type Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { type ChangeRow, changesFrame } from "./changes/change-rows.ts";
import { changeKind } from "./changes/change-service.ts";

const settings = z.strictObject({
  /** A file with one JSON object per line, as a pipeline appends them. */
  file: z.string().min(1),
});

/**
 * Changes that a pipeline writes down: commits and migrations with their text, which no service of
 * a cloud keeps. Lines have the columns of `changes` of a capture; the file is read anew each time.
 */
export const changesFile: SourceDefinition<typeof settings> = {
  kind: "changes-file",
  title: "Changes that a pipeline appends to a file",
  settings,
  permissions: ["read access to the file"],
  async open(name, { file }) {
    return openFile(name, resolve(file));
  },
};

/** Only the end of a longer file is read: what was appended last. */
const bytesReadMax = 16_000_000;
const diffCharsMax = 100_000;

const line = z.object({
  timestamp: z.union([z.iso.datetime({ offset: true }), z.number().positive().max(4e18)]),
  service: z.string().default(""),
  ref: z.string().min(1),
  title: z.string().default(""),
  kind: z.string().default("deploy"),
  author: z.string().nullish(),
  files: z.array(z.string()).nullish(),
  diff: z.string().nullish(),
});

function openFile(name: string, file: string): Source {
  return {
    name,
    signals: ["changes"],
    answers: ["changes"],
    guide: "Deploys, commits, flags and configuration that a pipeline wrote down, with their text.",
    async probe() {
      try {
        const { rows, faults } = await readRows(file, bytesReadMax);
        const newest = Math.max(...rows.map(({ at }) => at));
        const lines = [
          rows.length > 0
            ? `${rows.length} changes, the newest of ${toIso(newest)}`
            : "no change yet",
        ];
        if (faults > 0) lines.push(`${faults} lines cannot be read`);
        return { state: rows.length > 0 && faults === 0 ? "ready" : "limited", lines };
      } catch (error) {
        return { state: "unreachable", lines: [unreadable(file, error)] };
      }
    },
    run: (query, window, context) => answer(name, file, { query, window, context }),
    close: async () => undefined,
  };
}

interface Asked {
  readonly query: SignalQuery;
  readonly window: Window;
  readonly context: SourceContext;
}

async function answer(source: string, file: string, asked: Asked): Promise<Outcome> {
  const { query, window, context } = asked;
  const startedAt = performance.now();
  const provenance = (more: Partial<Provenance> = {}): Provenance => ({
    ...{ source, signal: "changes", query: `changes of ${file}`, window, rows: 0, bytesScanned: 0 },
    ...{ tookMs: Math.round(performance.now() - startedAt), truncated: false, ...more },
  });
  const failed = (
    reason: "cancelled" | "timed-out" | "unavailable" | "unsupported",
    message: string,
  ): Outcome => ({
    ...{ kind: "failed", reason, message, retryable: reason !== "unsupported" },
    provenance: provenance(),
  });
  if (context.signal.aborted) return failed("cancelled", "The read was cancelled.");
  if (context.deadline <= systemClock.now()) return failed("timed-out", "There is no time left.");
  if (query.kind !== "changes") return failed("unsupported", `Not for ${query.kind}.`);
  try {
    const read = await readRows(file, Math.min(bytesReadMax, context.bytesMax));
    const rows = read.rows
      .filter(
        ({ at, service }) => isWithin(at, window) && (query.services?.includes(service) ?? true),
      )
      .sort((a, b) => b.at - a.at);
    const kept = rows.slice(0, Math.min(query.limit ?? limits.rowsDefault, limits.rowsMax));
    const truncated = kept.length < rows.length;
    const effort = { rows: kept.length, bytesScanned: read.bytes, truncated };
    const gaps = gapsOf(read);
    if (kept.length > 0) {
      return { kind: "data", frame: changesFrame(kept), provenance: provenance(effort), gaps };
    }
    return {
      kind: "empty",
      searched: `${read.rows.length} changes of ${file}, ${toIso(window.from)} to ${toIso(window.to)}`,
      reasons: ["none of them was made then, of what was asked for"],
      next: "Widen the window, and look whether the pipeline still appends to the file.",
      provenance: provenance(effort),
      gaps,
    };
  } catch (error) {
    return failed("unavailable", unreadable(file, error));
  }
}

function unreadable(file: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown fault";
  return `${file} cannot be read (${code}); set \`file\` of the source to where it lies.`;
}

interface Read {
  readonly rows: readonly ChangeRow[];
  readonly bytes: number;
  /** Lines that are no change. */
  readonly faults: number;
  /** True when the beginning of the file was left out. */
  readonly isCut: boolean;
}

async function readRows(path: string, bytesMax: number): Promise<Read> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const from = Math.max(0, size - bytesMax);
  const bytes = Buffer.alloc(size - from);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
  const text = bytes.toString("utf8", 0, bytesRead).replace(/^\uFEFF/, "");
  // Where the beginning is left out, the first line is the rest of one.
  const lines = text.split(/\r?\n/).slice(from > 0 ? 1 : 0);
  const written = lines.filter((each) => each.trim() !== "");
  const rows = written.flatMap((each) => rowOf(each) ?? []);
  return { rows, bytes: bytesRead, faults: written.length - rows.length, isCut: from > 0 };
}

function rowOf(text: string): ChangeRow | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = line.safeParse(value);
  if (!parsed.success) return null;
  const { timestamp, author, files, diff, kind, ...rest } = parsed.data;
  return {
    ...rest,
    at: timeOf(timestamp),
    kind: changeKind(kind) as ChangeKind,
    author: author ?? null,
    files: files ?? [],
    diff: diff?.slice(0, diffCharsMax) ?? null,
  };
}

function gapsOf({ faults, isCut }: Read): readonly Gap[] {
  const own = { signal: "changes", isPartial: true } as const;
  const unread = {
    what: `${faults} lines of the file of changes`,
    why: "each must be a JSON object with timestamp and ref",
    effect: "these changes are unknown",
    ...own,
  };
  const cut = {
    what: "older lines of the file of changes",
    why: "only the end of a long file is read",
    effect: "older changes are unknown",
    ...own,
  };
  return [...(faults > 0 ? [unread] : []), ...(isCut ? [cut] : [])];
}
