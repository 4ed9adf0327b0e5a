import type { Frame } from "../core/frame.ts";
import { readChanges } from "../core/row-readers.ts";
import type { Change } from "../core/rows.ts";
import { changesFrame } from "./changes/change-rows.ts";

/**
 * Two systems date one change this differently at most: when it was asked for, or when it was done.
 */
const apartMaxMs = 60_000;

/**
 * The changes of several sources, one that two of them tell as one: a pipeline writes down what it
 * deployed, and AWS what was called for it. Left as two they would be rivals of equal guilt. The
 * telling with more text stays, and takes from the other what it lacks.
 */
export function joinChanges(frames: readonly Frame[]): Frame {
  const joined = frames
    .map((frame) => readChanges(frame))
    .reduce((known, others) => joinTwo(known, others));
  return changesFrame(joined.map(({ timestamp: at, ...rest }) => ({ at, ...rest })));
}

function joinTwo(known: readonly Change[], others: readonly Change[]): readonly Change[] {
  const pairs = known
    .flatMap((one) =>
      others
        .filter((other) => isSame(one, other))
        .map((other) => ({ one, other, apart: Math.abs(one.timestamp - other.timestamp) })),
    )
    .sort((a, b) => a.apart - b.apart);
  const partners = new Map<Change, Change>();
  for (const { one, other } of pairs) {
    if (partners.has(one) || partners.has(other)) continue;
    partners.set(one, other);
    partners.set(other, one);
  }
  return [
    ...known.map((one) => {
      const other = partners.get(one);
      return other ? together(one, other) : one;
    }),
    ...others.filter((other) => !partners.has(other)),
  ];
}

function isSame(one: Change, other: Change): boolean {
  if (one.service !== other.service || one.kind !== other.kind) return false;
  if (one.ref === other.ref) return true;
  if (Math.abs(one.timestamp - other.timestamp) > apartMaxMs) return false;
  if (!one.diff || !other.diff) return true;
  const words = changedWords(other.diff);
  return [...changedWords(one.diff)].some((word) => words.has(word));
}

/** Names on the lines that a diff adds or takes away. */
function changedWords(diff: string): ReadonlySet<string> {
  const lines = diff.split("\n").filter((line) => /^[+-](?![+-]{2})/.test(line));
  return new Set(lines.flatMap((line) => line.match(/[A-Za-z_]\w{3,}/g) ?? []));
}

function together(one: Change, other: Change): Change {
  const size = ({ diff, title, files }: Change) =>
    (diff?.length ?? 0) + title.length + files.join().length;
  const [fuller, rest] = size(one) >= size(other) ? [one, other] : [other, one];
  return {
    ...fuller,
    author: fuller.author ?? rest.author,
    files: fuller.files.length > 0 ? fuller.files : rest.files,
    diff: fuller.diff ?? rest.diff,
  };
}
