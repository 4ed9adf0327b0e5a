import { countWords } from "../causes/terms.ts";

/** A change's diff, as lines that went and lines that came. */
export interface Diff {
  readonly hunks: readonly Hunk[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly context: readonly string[];
}

export interface Hunk {
  readonly file: string | null;
  /** What stands behind `@@`: usually the function around it. */
  readonly header: string;
  readonly lines: readonly DiffLine[];
}

export interface DiffLine {
  readonly sign: "+" | "-" | " ";
  readonly text: string;
}

/** Diff lines looked at; a longer diff is mostly generated code. */
const diffLinesMax = 4_000;

/** Reads a unified diff leniently: headers may be missing, `@@` may name the file. */
export function parseDiff(text: string): Diff {
  const hunks: { file: string | null; header: string; lines: DiffLine[] }[] = [];
  let file: string | null = null;
  let open = false;
  for (const line of text.split("\n").slice(0, diffLinesMax)) {
    if (/^(diff |index |--- |new file|deleted file|similarity |rename )/.test(line)) {
      open = false;
    } else if (line.startsWith("+++ ")) {
      file = fileOf(line.slice(4));
      open = false;
    } else if (line.startsWith("@@")) {
      const header = line
        .replace(/^@@( -[\d,]+ \+[\d,]+ @@)?/, "")
        .replace(/@@/g, " ")
        .trim();
      const named = /^([\w./-]+\.\w+)\b/.exec(header)?.[1];
      if (named) file = named;
      hunks.push({ file, header, lines: [] });
      open = true;
    } else {
      if (!open) hunks.push({ file, header: "", lines: [] });
      open = true;
      const sign = line.startsWith("+") ? "+" : line.startsWith("-") ? "-" : " ";
      hunks.at(-1)?.lines.push({ sign, text: sign === " " ? line : line.slice(1) });
    }
  }
  const pick = (sign: DiffLine["sign"]) =>
    hunks.flatMap((h) => h.lines.filter((l) => l.sign === sign).map((l) => l.text));
  return { hunks, added: pick("+"), removed: pick("-"), context: pick(" ") };
}

/** Words that really went or came: what stands on both sides was only moved. */
export interface NetWords {
  readonly gone: ReadonlyMap<string, number>;
  readonly come: ReadonlyMap<string, number>;
  /** Share of the removed words that were added back, 0..1; 1 is moved or renamed around. */
  readonly keptShare: number;
}

/**
 * Counts words over the whole diff, comments left out, so a line that was only moved cancels out.
 */
export function netWords(diff: Diff): NetWords {
  const removed = countWords(diff.removed.map(withoutComment).join("\n"));
  const added = countWords(diff.added.map(withoutComment).join("\n"));
  const gone = new Map<string, number>();
  const come = new Map<string, number>();
  let total = 0;
  let kept = 0;
  for (const [word, count] of removed) {
    const back = Math.min(count, added.get(word) ?? 0);
    total += count;
    kept += back;
    if (count > back) gone.set(word, count - back);
  }
  for (const [word, count] of added) {
    const extra = count - (removed.get(word) ?? 0);
    if (extra > 0) come.set(word, extra);
  }
  return { gone, come, keptShare: total === 0 ? 0 : kept / total };
}

/** A line without what a compiler skips. */
export function withoutComment(line: string): string {
  const trimmed = line.trim();
  if (/^(\/\/|#(?!include|define)|\*|\/\*|--|<!--)/.test(trimmed)) return "";
  return line.replace(/\s(\/\/|#\s).*$/, "");
}

function fileOf(text: string): string | null {
  const path = text.trim().replace(/^[ab]\//, "");
  return path === "/dev/null" || path === "" ? null : path;
}
