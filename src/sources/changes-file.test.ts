import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readChanges } from "../core/row-readers.ts";
import { changesFile } from "./changes-file.ts";
import { freeContext } from "./testing/ask.ts";
import { sourceConformance } from "./testing/source-conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "shodo-changes-"));
afterAll(() => rmSync(folder, { recursive: true }));
const from = Date.parse("2026-03-01T10:00:00Z");
const window = { from, to: from + 30 * 60_000 };
const baseline = { from: from - 60 * 60_000, to: from };

const written = [
  { timestamp: "2026-03-01T10:05:00Z", kind: "deploy", service: "payment", ref: "payment@2" },
  {
    timestamp: "2026-03-01T12:04:00+02:00",
    ...{ kind: "commit", service: "payment", ref: "abc", title: "Ask once", author: "Ana" },
    ...{ files: ["pay.ts"], diff: "-retries: 3\n+retries: 0" },
  },
  { timestamp: from / 1_000 - 60, kind: "merge", service: "cart", ref: "def" },
];

function fileOf(name: string, lines: readonly (object | string)[]): string {
  const file = join(folder, name);
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  writeFileSync(file, text.join("\n"));
  return file;
}

async function ask(file: string, context: object = {}) {
  const source = await changesFile.open("changes", { file });
  const over = { from: baseline.from, to: window.to };
  return source.run({ kind: "changes" }, over, { ...freeContext(), ...context });
}

sourceConformance("a file of changes", {
  open: () => changesFile.open("changes", { file: fileOf("sound.jsonl", written) }),
  ...{ window, baseline, emptyWindow: { from: 0, to: 60_000 }, expected: ["changes"] },
});

it("reads what a pipeline appended, newest first, with its text", async () => {
  const outcome = await ask(fileOf("sound.jsonl", written));
  const rows = outcome.kind === "data" ? readChanges(outcome.frame) : [];
  expect(rows.map(({ ref, kind, timestamp }) => [ref, kind, (timestamp - from) / 60_000])).toEqual([
    ["payment@2", "deploy", 5],
    ["abc", "commit", 4],
    ["def", "commit", -1],
  ]);
  expect(rows[1]).toMatchObject({ author: "Ana", files: ["pay.ts"], title: "Ask once" });
  expect(rows[1]?.diff).toContain("retries: 0");
});

it("sees what was appended since it was asked before", async () => {
  const file = fileOf("growing.jsonl", written.slice(0, 1));
  const source = await changesFile.open("changes", { file });
  await source.run({ kind: "changes" }, window, freeContext());
  fileOf("growing.jsonl", written);
  const outcome = await source.run({ kind: "changes" }, window, freeContext());
  expect(outcome.provenance.rows).toBe(2);
});

it("says how many lines are no changes, and keeps the others", async () => {
  const broken = ["", "{", "7", { ref: "no time" }, { ...written[0], timestamp: "yesterday" }];
  const outcome = await ask(fileOf("broken.jsonl", [...broken, ...written]));
  expect(outcome).toMatchObject({
    kind: "data",
    gaps: [{ what: "4 lines of the file of changes", signal: "changes", isPartial: true }],
  });
  expect(outcome.provenance.rows).toBe(3);
});

it("reads the end of a file that is longer than it may read, and says so", async () => {
  const outcome = await ask(fileOf("long.jsonl", written), { bytesMax: 90 });
  expect(outcome).toMatchObject({
    kind: "data",
    gaps: [{ what: "older lines of the file of changes" }],
  });
  expect(outcome.provenance.rows).toBe(1);
});

it("has failed when there is no file, and says what to set", async () => {
  const outcome = await ask(join(folder, "none.jsonl"));
  expect(outcome).toMatchObject({ kind: "failed", reason: "unavailable" });
  expect(outcome.kind === "failed" && outcome.message).toContain(
    "none.jsonl cannot be read (ENOENT)",
  );
});
