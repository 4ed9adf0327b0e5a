import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSeries } from "../../core/row-readers.ts";
import { toIso } from "../../core/window.ts";
import { capture } from "../capture.ts";
import { askCapture, complaintsOf, freeContext, rowsOf } from "../testing/ask.ts";
import { captureFolder, jsonLines, madeWindow, minute } from "../testing/capture-folder.ts";
import { writeParquet } from "../testing/parquet.ts";

const line = (i: number) => ({
  timestamp: toIso(minute(0) + i * 1_000),
  service: "a",
  severity: "INFO",
  body: `line ${i} of many`,
});
const good = (count: number) => jsonLines(Array.from({ length: count }, (_, i) => line(i)));
const header = "timestamp,service,metric,value\n";
const samples = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `${toIso(minute(from + i))},a,m,${i}\n`).join("");

/** Bytes that no seed makes look like text. */
const garbage = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 131 + 7) % 256));

async function logsOf(files: Record<string, string | Uint8Array>) {
  using made = captureFolder(files);
  const outcome = await askCapture(made.folder, { kind: "log-search", limit: 5_000 });
  return { rows: rowsOf(outcome), kind: outcome.kind, complaints: complaintsOf(outcome) };
}

async function pointsOf(files: Record<string, string | Uint8Array>) {
  using made = captureFolder(files);
  const outcome = await askCapture(made.folder, { kind: "metric-series" });
  const series = outcome.kind === "data" ? readSeries(outcome.frame) : [];
  const points = series.reduce((sum, one) => sum + one.points.times.length, 0);
  return { points, kind: outcome.kind, complaints: complaintsOf(outcome) };
}

describe("bad lines are counted, named and skipped", () => {
  it("names the line that is not JSON", async () => {
    const read = await logsOf({ "logs.jsonl": `${good(3)}{oops\n${good(3)}` });
    expect(read.rows).toBe(6);
    expect(read.complaints).toEqual([
      "logs.jsonl (logs): 1 line cannot be read (line 4); these rows are not counted; " +
        "6 others of the file are",
    ]);
  });

  it("names impossible and missing times", async () => {
    const bad = ["0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", null, "yesterday", 5];
    const rows = bad.map((timestamp) => ({ ...line(0), timestamp }));
    const read = await logsOf({ "logs.jsonl": good(2) + jsonLines(rows) });
    expect(read.rows).toBe(2);
    expect(read.complaints[0]).toContain(
      "5 lines with no time, or an impossible one (line 3, 4, 5, …)",
    );
  });

  it("names CSV rows that are too short, too long or no number", async () => {
    const text = `${header}${samples(2)}a,b\n${samples(2, 5)}1,2,3,4,5\n${toIso(minute(9))},a,m,x\n`;
    const read = await pointsOf({ "metrics.csv": text });
    expect(read.points).toBe(4);
    expect(read.complaints[0]).toContain("2 lines cannot be read (line 4, 7)");
    expect(read.complaints[0]).toContain("not a number or not possible (line 8)");
  });

  it("loses one line, not the rest of the file, to a quote that is never closed", async () => {
    const text = `${header}${samples(2)}${toIso(minute(5))},"a,m,1\n${samples(3, 6)}`;
    const read = await pointsOf({ "metrics.csv": text });
    expect(read.points).toBe(5);
    expect(read.complaints[0]).toContain("1 line cannot be read (line 4)");
  });

  it("reads around binary garbage and NUL bytes", async () => {
    const nul = Buffer.concat([
      Buffer.from(good(3)),
      Buffer.alloc(500),
      Buffer.from(`\n${good(3)}`),
    ]);
    expect((await logsOf({ "logs.jsonl": nul })).rows).toBe(6);
    const tail = Buffer.concat([Buffer.from(header + samples(3)), garbage]);
    const read = await pointsOf({ "metrics.csv": tail });
    expect(read.points).toBe(3);
    expect(read.complaints[0]).toContain("cannot be read (line 5");
  });

  it("reads a line of 1 MB, and skips one of 40 MB", async () => {
    const long = (chars: number) => jsonLines([{ ...line(1), body: "x".repeat(chars) }]);
    expect((await logsOf({ "logs.jsonl": good(2) + long(1e6) + good(2) })).rows).toBe(5);
    const read = await logsOf({ "logs.jsonl": good(2) + long(4e7) + good(2) });
    expect(read.rows).toBe(4);
    expect(read.complaints[0]).toContain("1 line cannot be read (line 3)");
  });
});

describe("odd files", () => {
  it("accepts byte order marks and CRLF", async () => {
    expect((await logsOf({ "logs.jsonl": `\uFEFF${good(3)}` })).rows).toBe(3);
    expect((await logsOf({ "logs.jsonl": good(3).replaceAll("\n", "\r\n") })).rows).toBe(3);
    const csv = `\uFEFF${(header + samples(3)).replaceAll("\n", "\r\n")}`;
    expect((await pointsOf({ "metrics.csv": csv })).points).toBe(3);
  });

  it("says of a folder, a dead link and a pipe that they are no files, and reads the rest", async () => {
    using made = captureFolder({ "logs-good.jsonl": good(20) });
    mkdirSync(join(made.folder, "logs-2026.jsonl"));
    symlinkSync(join(made.folder, "gone"), join(made.folder, "logs-dead.jsonl"));
    symlinkSync("/dev/zero", join(made.folder, "logs-endless.csv"));
    const outcome = await askCapture(made.folder, { kind: "log-search", limit: 100 });
    expect(rowsOf(outcome)).toBe(20);
    expect(complaintsOf(outcome)).toEqual([
      "logs-2026.jsonl (logs): it is a folder, not a file; nothing in this file was used",
      "logs-dead.jsonl (logs): it is a link to a file that does not exist; nothing in this file was used",
      "logs-endless.csv (logs): it is not an ordinary file; nothing in this file was used",
    ]);
  });

  it("calls UTF-16 no UTF-8 text, and not a table without columns", async () => {
    const table = Buffer.from(`\uFEFF${header}${samples(3)}`, "utf16le");
    const { complaints } = await pointsOf({
      "metrics-16.csv": table,
      "metrics.csv": header + samples(5),
    });
    expect(complaints.join()).toContain("metrics-16.csv (metrics): it is not UTF-8 text");
  });

  it("names the lines of spans that last less than nothing", async () => {
    const span = (i: number, ms: number) => ({
      ...{ trace_id: `t${i}`, span_id: `s${i}`, service: "a", name: "x", status: "OK" },
      ...{ start: toIso(minute(i)), duration_ms: ms },
    });
    using made = captureFolder({ "spans.jsonl": jsonLines([span(1, 5), span(2, -1), span(3, 5)]) });
    const outcome = await askCapture(made.folder, { kind: "trace-list" });
    expect(complaintsOf(outcome).join()).toContain("(line 2)");
  });

  it("calls an empty file empty, and garbage failed", async () => {
    const empty = await logsOf({ "logs.jsonl": "" });
    expect(empty.kind).toBe("empty");
    expect(empty.complaints[0]).toContain("the file is empty");
    const junk = await logsOf({ "logs.jsonl": garbage });
    expect(junk.kind).toBe("failed");
    expect(junk.complaints[0]).toContain("logs.jsonl");
  });

  it("says which column is missing", async () => {
    const read = await pointsOf({ "metrics.csv": "timestamp,service,metric\n2026-03-01,a,m\n" });
    expect(read.kind).toBe("failed");
    expect(read.complaints[0]).toContain("it has no column for value");
  });

  it("says that a compressed file was cut short", async () => {
    const cut = gzipSync(good(5_000)).subarray(0, 10_000);
    const read = await logsOf({ "logs.jsonl.gz": cut });
    expect(read.rows).toBeGreaterThan(100);
    expect(read.complaints[0]).toContain("the file ends early and what followed is lost");
  });

  it("leaves out a truncated and a corrupt Parquet file, and reads the others", async () => {
    using made = captureFolder({});
    const rows = (from: number) =>
      `SELECT TIMESTAMPTZ '2026-03-01 10:00:00+00' + INTERVAL (i) SECOND AS timestamp,
       'a' AS service, 'INFO' AS severity, 'line ' || md5(i::VARCHAR) AS body
       FROM range(${from}, ${from + 1000}) t(i)`;
    const path = (name: string) => join(made.folder, name);
    for (const [name, from] of Object.entries({ one: 0, two: 0, three: 0 })) {
      await writeParquet(path(`logs-${name}.parquet`), rows(from));
    }
    truncateSync(path("logs-two.parquet"), 5_000);
    const bytes = readFileSync(path("logs-three.parquet"));
    bytes.fill(0xaa, 2_000, 20_000);
    writeFileSync(path("logs-three.parquet"), bytes);
    const outcome = await askCapture(made.folder, { kind: "log-search", limit: 5_000 });
    expect(rowsOf(outcome)).toBe(1_000);
    const complaints = complaintsOf(outcome);
    expect(complaints.map((text) => text.split(" (logs)")[0]).sort()).toEqual([
      "logs-three.parquet",
      "logs-two.parquet",
    ]);
  });

  it("counts rows of Parquet that cannot be used, and answers without them", async () => {
    using made = captureFolder({});
    const rows = `SELECT CASE WHEN i = 3 THEN NULL WHEN i = 4 THEN TIMESTAMPTZ '1970-01-01 00:00:00+00'
        ELSE TIMESTAMPTZ '2026-03-01 10:00:00+00' + INTERVAL (i) SECOND END AS timestamp,
      'a' AS service, 'm' AS metric, CASE WHEN i = 7 THEN 'nan'::DOUBLE ELSE i END AS value
      FROM range(20) t(i)`;
    await writeParquet(join(made.folder, "metrics.parquet"), rows);
    const outcome = await askCapture(made.folder, { kind: "metric-series" });
    if (outcome.kind !== "data") throw new Error(outcome.kind);
    const points = readSeries(outcome.frame)[0]?.points;
    expect([...(points?.values ?? [])].slice(0, 5)).toEqual([0, 1, 2, 5, 6]);
    expect(points?.values.length).toBe(17);
    const complaint = complaintsOf(outcome)[0];
    expect(complaint).toContain("2 rows with no time, or an impossible one");
    expect(complaint).toContain("1 row with a value that is missing");
  });

  it("keeps other tables readable when one is broken", async () => {
    using made = captureFolder({ "logs.jsonl": good(3), "metrics.parquet": garbage });
    const source = await capture.open("capture", { folder: made.folder });
    const metrics = await source.run({ kind: "metric-series" }, madeWindow, freeContext());
    const logs = await source.run({ kind: "log-search" }, madeWindow, freeContext());
    await source.close();
    expect([metrics.kind, logs.kind, rowsOf(logs)]).toEqual(["failed", "data", 3]);
  });

  it("accounts for every line of any mixture of good and bad ones", async () => {
    const bad = fc.constantFrom(
      "{",
      "null",
      "[1]",
      '{"body":"x"}',
      '{"timestamp":"x","body":1}',
      "\u0000",
    );
    const lines = fc.array(fc.oneof(fc.constant(null), bad), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(lines, async (mixture) => {
        const goodLines = mixture.filter((one) => one === null).length;
        const text = mixture.map((one) => one ?? JSON.stringify(line(1))).join("\n");
        const read = await logsOf({ "logs.jsonl": `${JSON.stringify(line(0))}\n${text}\n` });
        expect(read.rows).toBe(goodLines + 1);
        const counted = [...(read.complaints[0] ?? "").matchAll(/(\d+) lines? (?:cannot|with)/g)];
        const sum = counted.reduce((total, match) => total + Number(match[1]), 0);
        expect(sum).toBe(mixture.length - goodLines);
      }),
      { numRuns: 12 },
    );
  });
});
