import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSeries } from "../../core/row-readers.ts";
import { askCapture } from "../testing/ask.ts";
import { captureFolder, madeWindow } from "../testing/capture-folder.ts";
import { writeParquet } from "../testing/parquet.ts";
import { type Engine, openEngine, type Stop } from "./engine.ts";
import { type SeriesSpec, seriesPoints } from "./series-points.ts";

const stop: Stop = { signal: new AbortController().signal, deadline: 8e15 };

function spec(key: number, samples: number): SeriesSpec {
  const rest = { resource: null, unit: null, metricKind: null, layer: "application" as const };
  return { key: [key, 0], samples, service: "a", metric: "m", ...rest };
}

/** Series 0 and 1, `length` minutes each in an order of no kind; `more` is SQL for further rows. */
async function read(engine: Engine, length: number, keep = "true", more = "") {
  const rows = `SELECT CAST(s AS UBIGINT) AS key, CAST(i AS BIGINT) * 60000000 AS t,
    CAST(s * 1e7 + i AS DOUBLE) AS value FROM range(2) a(s), range(${length}) b(i) WHERE ${keep}
    ${more}`;
  const shuffled = `SELECT * FROM (${rows}) ORDER BY hash(key, t, value)`;
  const times = `SELECT DISTINCT t / 1000.0 AS t FROM (${rows})`;
  const samples = length + 2;
  return await seriesPoints(
    engine,
    { rows: shuffled, times },
    [spec(0, samples), spec(1, samples)],
    stop,
  );
}

describe("points of series", () => {
  it.each([1_000, 30_000, 600_000])("come in ascending time, for %i each", async (length) => {
    const engine = await openEngine();
    for (const [which, points] of (await read(engine, length)).entries()) {
      expect(points.times.length).toBe(length);
      expect(points.times.every((at, i) => at === i * 60_000)).toBe(true);
      expect(points.values.every((value, i) => value === which * 1e7 + i)).toBe(true);
    }
    await engine.close();
  });

  it("leave out what a series lacks and average what it has twice, at any size", async () => {
    const engine = await openEngine();
    for (const length of [10, 25_000]) {
      const lacking = "NOT (s = 1 AND i = 3)";
      const twice = "UNION ALL SELECT 0::UBIGINT, 120000000::BIGINT, 4.0";
      const [whole, holed] = await read(engine, length, lacking, twice);
      expect([...(whole?.values.slice(0, 5) ?? [])]).toEqual([0, 1, 3, 3, 4]);
      expect([...(holed?.times.slice(0, 5) ?? [])]).toEqual([0, 6e4, 12e4, 24e4, 3e5]);
      expect(holed?.times.length).toBe(length - 1);
    }
    await engine.close();
  });

  it.each([
    ["a whole recording", 1_700, "file"],
    ["the part of a recording that is asked for", 4_000, "file"],
    ["files that number their rows themselves", 1_700, "own"],
  ])("come from Parquet files of any order, for %s", async (_name, seconds, numbers) => {
    using made = captureFolder({});
    const rows = (from: number, order: string) => `SELECT 'a' AS service, 'm' || s AS metric,
      TIMESTAMPTZ '2026-03-01 10:00:00+00' + to_seconds(CAST(i AS BIGINT)) AS timestamp,
      ${numbers === "own" ? "'none' AS file_row_number," : ""}
      s * 1e4 + i AS value FROM range(${from}, ${from + 20}) a(s), range(${seconds}) b(i)
      ORDER BY ${order}`;
    await writeParquet(join(made.folder, "metrics-1.parquet"), rows(0, "s, i"));
    await writeParquet(join(made.folder, "metrics-2.parquet"), rows(20, "i, hash(s)"));
    const outcome = await askCapture(made.folder, { kind: "metric-series" });
    if (outcome.kind !== "data") throw new Error(outcome.kind);
    const length = Math.min(seconds, 1_800);
    const series = readSeries(outcome.frame);
    expect(series.map(({ metric }) => metric).sort()).toEqual(
      Array.from({ length: 40 }, (_, at) => `m${at}`).sort(),
    );
    for (const { metric, points } of series) {
      const first = Number(metric.slice(1)) * 1e4;
      expect(points.times.length).toBe(length);
      expect(points.times.every((at, i) => at === madeWindow.from + i * 1_000)).toBe(true);
      expect(points.values.every((value, i) => value === first + i)).toBe(true);
    }
  });
});
