import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashedLines } from "../log-templates/word-lists.ts";
import { halvesOf, listsOf } from "./duck-frame.ts";
import { quoted } from "./duck-sql.ts";
import { openEngine } from "./engine.ts";

/** The hashes of the words of each line, as the engine makes them. */
async function hashesOf(lines: readonly string[]): Promise<Uint32Array[]> {
  const engine = await openEngine();
  try {
    const rows = lines.map((line, at) => `(${at}, ${quoted(line)})`).join(", ");
    const chunks = await engine.chunks(
      `SELECT hashed_words(masked) AS words FROM (VALUES ${rows}) t(line, masked) ORDER BY line`,
      { signal: new AbortController().signal, deadline: Date.now() + 30_000 },
    );
    return chunks.flatMap((chunk) => {
      const lists = listsOf(chunk.getColumnVector(0));
      const halves = Uint32Array.from(halvesOf(lists.items));
      return Array.from({ length: chunk.rowCount }, (_, row) => {
        const [from, to] = lists.reach(row);
        return halves.subarray(from * 2, to * 2);
      });
    });
  } finally {
    await engine.close();
  }
}

const word = fc.constantFrom("load", "<*>", "<*>,", "<*>/<*>;", "<*>x", "x=<*>", "<*>,,", "", "é");
const lines = fc.array(
  fc.array(word, { maxLength: 8 }).map((words) => words.join(" ")),
  {
    minLength: 1,
    maxLength: 40,
  },
);

describe("words of masked lines as hashes", () => {
  it("are told apart by the engine where they are told apart here, variables marked alike", async () => {
    await fc.assert(
      fc.asyncProperty(lines, async (texts) => {
        const theirs = await hashesOf(texts);
        const ours = hashedLines(texts);
        const names = new Map<string, string>();
        for (const [line, halves] of theirs.entries()) {
          const own = ours.halves.subarray(
            (ours.starts[line] as number) * 2,
            (ours.starts[line + 1] as number) * 2,
          );
          expect(halves.length).toBe(own.length);
          for (let half = 0; half < own.length; half += 2) {
            expect((halves[half] as number) & 1).toBe((own[half] as number) & 1);
            const name = `${own[half]},${own[half + 1]}`;
            const other = `${halves[half]},${halves[half + 1]}`;
            expect(names.get(name) ?? other).toBe(other);
            names.set(name, other);
          }
        }
        expect(new Set(names.values()).size).toBe(names.size);
      }),
      { numRuns: 20 },
    );
  });
});
