import { describe, expect, it } from "vitest";
import type { Frame } from "../core/frame.ts";
import type { Outcome, Provenance } from "../core/outcome.ts";
import type { SignalQuery } from "../core/query.ts";
import { readLogLines } from "../core/row-readers.ts";
import type { Source } from "../core/source.ts";
import { openTelemetry } from "./telemetry.ts";

const window = { from: 0, to: 1_000 };
const query: SignalQuery = { kind: "log-search" };

function provenance(source: string, more: Partial<Provenance> = {}): Provenance {
  const base = { source, signal: "logs" as const, query: `q of ${source}`, window };
  return { ...base, tookMs: 1, rows: 0, bytesScanned: 0, truncated: false, ...more };
}

function data(source: string, bodies: readonly string[]): Outcome {
  const frame: Frame = {
    length: bodies.length,
    columns: [
      { name: "body", type: "text", values: bodies },
      { name: `only_${source}`, type: "number", values: Float64Array.from(bodies, () => 1) },
    ],
  };
  const rows = { rows: bodies.length, bytesScanned: 10 };
  return { kind: "data", frame, provenance: provenance(source, rows), gaps: [] };
}

function empty(source: string): Outcome {
  const more = { searched: `all of ${source}`, reasons: ["quiet"], next: "wait", gaps: [] };
  return { kind: "empty", provenance: provenance(source), ...more };
}

function failed(source: string): Outcome {
  const more = { reason: "denied" as const, message: "No right to read.", retryable: false };
  return { kind: "failed", provenance: provenance(source), ...more };
}

type Run = Source["run"];

function source(name: string, run: Run): Source {
  return {
    name,
    signals: ["logs"],
    answers: ["log-search", "native"],
    guide: "",
    probe: async () => ({ state: "ready", lines: [] }),
    run,
    close: async () => undefined,
  };
}

function telemetry(
  runs: Record<string, Run>,
  more: { signal?: AbortSignal; bytesMax?: number } = {},
) {
  const sources = Object.entries(runs).map(([name, run]) => source(name, run));
  return openTelemetry(sources, {
    signal: more.signal ?? new AbortController().signal,
    clock: { now: () => 5_000 },
    readTimeoutMs: 20,
    bytesMax: more.bytesMax ?? 1e9,
  });
}

describe("telemetry", () => {
  it("joins the frames of all sources by column name", async () => {
    const both = telemetry({
      a: async () => data("a", ["x"]),
      b: async () => data("b", ["y", "z"]),
    });
    const reading = await both.read(query, window);
    if (reading.kind !== "data") throw new Error(reading.kind);
    expect(readLogLines(reading.frame).map((line) => line.body)).toEqual(["x", "y", "z"]);
    const own = reading.frame.columns.find((column) => column.name === "only_b")?.values;
    expect([...(own as Float64Array)]).toEqual([Number.NaN, 1, 1]);
    expect(reading.provenance).toMatchObject({ source: "a + b", rows: 3, bytesScanned: 20 });
    expect(reading.parts).toHaveLength(2);
    expect(both.bytesScanned()).toBe(20);
  });

  it("gives data with a gap that names the part that failed", async () => {
    const mixed = telemetry({ a: async () => data("a", ["x"]), b: async () => failed("b") });
    const reading = await mixed.read(query, window);
    expect(reading.kind).toBe("data");
    expect(mixed.gaps()).toEqual([
      {
        what: "logs from b, 1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z",
        why: "denied: No right to read.",
        effect: "the answer comes from the other sources only",
        signal: "logs",
        isPartial: true,
      },
    ]);
  });

  it("is empty only when every part is, and failed when one part failed", async () => {
    const quiet = telemetry({ a: async () => empty("a"), b: async () => empty("b") });
    expect(await quiet.read(query, window)).toMatchObject({
      kind: "empty",
      searched: "all of a; all of b",
    });
    const unsure = telemetry({ a: async () => empty("a"), b: async () => failed("b") });
    expect(await unsure.read(query, window)).toMatchObject({ kind: "failed", reason: "denied" });
    expect(unsure.gaps()).toMatchObject([
      {
        what: "logs from b, 1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z",
        effect: "the other sources hold nothing, and what this one holds is not known",
        isPartial: true,
      },
    ]);
    const none = telemetry({});
    expect(await none.read(query, window)).toMatchObject({ kind: "failed", reason: "unsupported" });
    expect(none.gaps()).toHaveLength(1);
  });

  it("turns what a source throws into a failure, at its edge", async () => {
    const broken = telemetry({
      a: () => Promise.reject(new Error("socket closed")),
      b: () => {
        throw new Error("bug");
      },
    });
    const reading = await broken.read(query, window);
    expect(reading).toMatchObject({ kind: "failed", reason: "unavailable" });
    expect(reading.parts.map((part) => part.kind === "failed" && part.upstream)).toEqual([
      "socket closed",
      "bug",
    ]);
  });

  it("does not wait for a source that ignores its deadline or the cancellation", async () => {
    const hanging = telemetry({ a: () => new Promise(() => undefined) });
    expect(await hanging.read(query, window)).toMatchObject({ reason: "timed-out" });
    const controller = new AbortController();
    const cancelled = telemetry({ a: () => new Promise(() => undefined) }, controller);
    const reading = cancelled.read(query, window);
    controller.abort();
    expect(await reading).toMatchObject({ kind: "failed", reason: "cancelled" });
  });

  it("asks the same question once, and asks again after a failure that may pass", async () => {
    let asked = 0;
    const counting = telemetry({
      a: async () => {
        asked += 1;
        return data("a", ["x"]);
      },
    });
    await Promise.all([counting.read(query, window), counting.read(query, window)]);
    await counting.read({ ...query }, { ...window });
    expect(asked).toBe(1);
    await counting.read({ ...query, limit: 1 }, window);
    expect(asked).toBe(2);
    const flaky = telemetry({
      a: async () => {
        asked += 1;
        return { ...failed("a"), retryable: true } as Outcome;
      },
    });
    await flaky.read(query, window);
    await flaky.read(query, window);
    expect(asked).toBe(4);
  });

  it("hands each read the bytes that are left, and native queries to the named source", async () => {
    const left: number[] = [];
    const bounded = telemetry(
      {
        a: async (_query, _window, context) => {
          left.push(context.bytesMax);
          return data("a", ["x"]);
        },
        b: async () => data("b", ["y"]),
      },
      { bytesMax: 100 },
    );
    const native = { kind: "native", source: "a", text: "SELECT 1" } as const;
    const reading = await bounded.native(native, window);
    await bounded.native({ ...native, text: "SELECT 2" }, window);
    expect(reading.parts.map((part) => part.provenance.source)).toEqual(["a"]);
    expect(left).toEqual([100, 90]);
    expect(await bounded.native({ ...native, source: "c" }, window)).toMatchObject({
      kind: "failed",
      reason: "unsupported",
    });
  });
});
