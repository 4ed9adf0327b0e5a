import { type Column, emptyFrame, type Frame } from "../core/frame.ts";
import type {
  DataOutcome,
  EmptyOutcome,
  FailedOutcome,
  Gap,
  Outcome,
  Provenance,
} from "../core/outcome.ts";
import { type SignalQuery, signalOf } from "../core/query.ts";
import type { Reading } from "../core/source.ts";
import { toIso, type Window } from "../core/window.ts";
import { joinChanges } from "./join-changes.ts";

/**
 * Several sources' answers as one. Data wins and names what failed as gaps; when nothing but empty
 * answers came, the reading is empty; when something failed and the rest is empty, it has failed,
 * since nobody knows what the failed part holds.
 */
export function joinOutcomes(
  parts: readonly Outcome[],
  query: SignalQuery,
  window: Window,
): Reading {
  const data = parts.filter((part) => part.kind === "data");
  const failed = parts.filter((part) => part.kind === "failed");
  const empty = parts.filter((part) => part.kind === "empty");
  const answered = [...data, ...empty];
  const isKnown = (part: DataOutcome | EmptyOutcome) =>
    part.kind === "data" || part.gaps.length === 0;
  const within = answered.flatMap((part) => {
    const isPartial =
      part.kind === "data" || answered.some((other) => other !== part && isKnown(other));
    return isPartial ? part.gaps.map((gap) => ({ ...gap, isPartial })) : part.gaps;
  });
  if (parts.length === 0) return nobody(query, window);
  if (data.length > 0) {
    const effect = "the answer comes from the other sources only";
    const gaps = [...failed.map((part) => gapOf(part, effect)), ...within];
    const frames = data.map((part) => part.frame);
    const isTwice = query.kind === "changes" && frames.length > 1;
    const frame = isTwice ? joinChanges(frames) : joinFrames(frames);
    return { kind: "data", frame, provenance: joinProvenance(data), gaps, parts };
  }
  const first = failed[0];
  if (first) {
    const others = failed.slice(1).map((part) => `${part.provenance.source}: ${part.message}`);
    return {
      ...first,
      message: [first.message, ...others].join(" "),
      retryable: failed.every((part) => part.retryable),
      ...(answered.some(isKnown)
        ? { gaps: [...failed.map((part) => gapOf(part, othersHoldNothing)), ...within] }
        : {}),
      parts,
    };
  }
  return {
    kind: "empty",
    searched: empty.map((part) => part.searched).join("; "),
    reasons: [...new Set(empty.flatMap((part) => part.reasons))],
    next: [...new Set(empty.map((part) => part.next))].join(" "),
    provenance: joinProvenance(empty),
    gaps: within,
    parts,
  };
}

/** No source at all can answer: that is not the same as looking and finding nothing. */
function nobody(query: SignalQuery, window: Window): Reading {
  const signal = signalOf[query.kind];
  const what = query.kind === "native" ? `the source "${query.source}"` : query.kind;
  return {
    kind: "failed",
    reason: "unsupported",
    message: `No open source answers ${what}; add one in shodo.yaml.`,
    retryable: false,
    provenance: {
      source: "none",
      signal,
      query: query.kind,
      window,
      tookMs: 0,
      rows: 0,
      bytesScanned: 0,
      truncated: false,
    },
    parts: [],
  };
}

const othersHoldNothing = "the other sources hold nothing, and what this one holds is not known";

function gapOf(part: FailedOutcome, effect: string): Gap {
  const { source, signal, window } = part.provenance;
  return {
    what: `${signal} from ${source}, ${toIso(window.from)} to ${toIso(window.to)}`,
    why: `${part.reason}: ${part.message}`,
    effect,
    signal,
    isPartial: true,
  };
}

/** The first part's origin, with the effort of all; each part keeps its own in `parts`. */
function joinProvenance(
  parts: readonly (DataOutcome | Exclude<Outcome, DataOutcome>)[],
): Provenance {
  const all = parts.map((part) => part.provenance);
  const first = all[0] as Provenance;
  if (all.length === 1) return first;
  const sum = (of: (p: Provenance) => number) => all.reduce((total, p) => total + of(p), 0);
  return {
    ...first,
    source: all.map((p) => p.source).join(" + "),
    query: all.map((p) => `${p.source}: ${p.query}`).join("\n"),
    tookMs: Math.max(...all.map((p) => p.tookMs)),
    rows: sum((p) => p.rows),
    bytesScanned: sum((p) => p.bytesScanned),
    truncated: all.some((p) => p.truncated),
  };
}

/**
 * Frames below one another, matched by column name; a column that a frame lacks is absent there.
 */
export function joinFrames(frames: readonly Frame[]): Frame {
  if (frames.length <= 1) return frames[0] ?? emptyFrame;
  const length = frames.reduce((sum, frame) => sum + frame.length, 0);
  const names = new Set(frames.flatMap((frame) => frame.columns.map((column) => column.name)));
  return { length, columns: [...names].map((name) => joinColumn(name, frames, length)) };
}

function joinColumn(name: string, frames: readonly Frame[], length: number): Column {
  const found = frames.map((frame) => frame.columns.find((column) => column.name === name));
  const types = new Set(found.flatMap((column) => (column ? [column.type] : [])));
  const type = types.size === 1 ? [...types][0] : mixed(types);
  if (type === "number" || type === "time") {
    const values = new Float64Array(length).fill(Number.NaN);
    let at = 0;
    for (const [index, frame] of frames.entries()) {
      values.set((found[index]?.values ?? []) as ArrayLike<number>, at);
      at += frame.length;
    }
    return { name, type, values };
  }
  const values = frames.flatMap((frame, index): unknown[] =>
    found[index] ? Array.from<unknown>(found[index].values) : absent(type, frame.length),
  );
  return { name, type, values } as Column;
}

/**
 * Sources that disagree on a column's type still join: numbers with times, anything else as JSON.
 */
function mixed(types: ReadonlySet<string>): Column["type"] {
  return [...types].every((type) => type === "number" || type === "time") ? "number" : "json";
}

function absent(type: Column["type"] | undefined, length: number): unknown[] {
  const none = { times: new Float64Array(), values: new Float64Array() };
  return new Array(length).fill(type === "points" ? none : null);
}
