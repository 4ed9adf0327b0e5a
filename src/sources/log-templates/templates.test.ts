import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterLines } from "./templates.ts";
import { hashedLines, variable } from "./word-lists.ts";

function templates(lines: readonly string[]): readonly string[] {
  const found = clusterLines(
    hashedLines(lines),
    [...lines.keys()],
    new Array(lines.length).fill(1),
  );
  return Array.from(found.place, (at) => found.text(at));
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const name = (i: number) => `${letters[i % 26]}${letters[Math.floor(i / 26) % 26]}x`;

describe("templates of masked log lines", () => {
  it("keeps lines apart that differ in one telling word", () => {
    const lines = ["login failed for <*>", "login succeeded for <*>", "login expired for <*>"];
    expect(templates(lines)).toEqual(lines);
  });

  it("makes a free word a variable, first or last", () => {
    const lines = Array.from({ length: 60 }, (_, i) => [
      `${name(i)} asked for page one`,
      `tag is ${name(i)}`,
    ]).flat();
    expect(new Set(templates(lines))).toEqual(
      new Set([`${variable} asked for page one`, `tag is ${variable}`]),
    );
  });

  it("makes lists of values one variable, whatever their length", () => {
    const found = templates(["ids <*> <*> <*> seen", "ids <*> seen", "ids <*>, <*> seen"]);
    expect(new Set(found).size).toBeLessThanOrEqual(2);
    expect(found[0]).toBe(found[1]);
  });

  it("merges lines with eight fillers in one place, and not those with seven", () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, i) => `worker ${name(i)} of pool stopped`);
    expect(new Set(templates(lines(7))).size).toBe(7);
    expect(new Set(templates(lines(8)))).toEqual(new Set([`worker ${variable} of pool stopped`]));
  });

  it("keeps a rare message apart in a crowd of lines that begin with names", () => {
    const crowd = Array.from({ length: 3_000 }, (_, i) => `${name(i)} asked for page one`);
    const rare = ["breaker opened toward <*>", "pool exhausted while waiting"];
    expect(templates([...crowd, ...rare]).slice(-2)).toEqual(rare);
  });

  it("opens a long list of free words in a crowd of lines", () => {
    const free = (i: number, at: number) =>
      name((Math.imul(i * 5 + at + 1, 0x9e3779b1) >>> 9) % 600);
    const lines = Array.from(
      { length: 4_000 },
      (_, i) => `tags of order: ${free(i, 0)} ${free(i, 1)} ${free(i, 2)} ${free(i, 3)}`,
    );
    expect(new Set(templates(lines))).toEqual(new Set([`tags of order: ${variable}`]));
  });

  const word = fc.constantFrom("a", "b", "c", "load", "fail", "<*>", "x=<*>");
  const line = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(" "));
  const lines = fc.array(line, { minLength: 1, maxLength: 60 });

  it("gives templates that cover their lines", () => {
    fc.assert(
      fc.property(lines, (all) => {
        for (const [row, template] of templates(all).entries()) {
          expect(covers(template.split(" "), (all[row] as string).split(" "))).toBe(true);
        }
      }),
    );
  });

  it("does not depend on the order of the lines", () => {
    fc.assert(
      fc.property(lines, (all) => {
        const forward = templates(all);
        const backward = templates(all.toReversed()).toReversed();
        expect(backward).toEqual(forward);
      }),
    );
  });

  it("stays linear on free words", () => {
    const many = Array.from(
      { length: 20_000 },
      (_, i) => `${name(i)} ${name(i * 7)} ${name(i * 3)}`,
    );
    expect(new Set(templates(many)).size).toBeLessThan(50);
  });
});

/** Whether each variable of the template can stand for one or more words of the line. */
function covers(template: readonly string[], line: readonly string[]): boolean {
  if (template.length === 0) return line.length === 0;
  const [head, ...rest] = template;
  if (head !== variable) return head === line[0] && covers(rest, line.slice(1));
  return line.some((_, at) => covers(rest, line.slice(at + 1)));
}
