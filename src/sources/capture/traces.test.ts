import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../core/outcome.ts";
import type { SignalQuery } from "../../core/query.ts";
import {
  readAttributes,
  readEdges,
  readOperations,
  readSeries,
  readTraceSample,
  readTraces,
} from "../../core/row-readers.ts";
import { askCapture } from "../testing/ask.ts";
import {
  captureFolder,
  jsonLines,
  madeBaseline,
  minute,
  shopFiles,
} from "../testing/capture-folder.ts";

interface MadeSpan {
  readonly id: string;
  readonly parent: string | null;
  readonly start: number;
  readonly duration: number;
  readonly service?: string;
  readonly isError?: boolean;
  readonly kind?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** Times count in ms from minute 5 of the window. */
function spansFile(spans: readonly MadeSpan[]): Record<string, string> {
  const rows = spans.map((span) => ({
    trace_id: "t",
    span_id: span.id,
    parent_span_id: span.parent,
    service: span.service ?? span.id,
    name: "op",
    kind: span.kind,
    start: minute(5) + span.start,
    duration_ms: span.duration,
    status: span.isError ? "ERROR" : "OK",
    attributes: span.attributes,
  }));
  return { "spans.jsonl": jsonLines(rows) };
}

async function ask<Row>(
  files: Record<string, string>,
  query: SignalQuery,
  read: (frame: Extract<Outcome, { kind: "data" }>["frame"]) => readonly Row[],
): Promise<readonly Row[]> {
  using made = captureFolder(files);
  const outcome = await askCapture(made.folder, query);
  if (outcome.kind === "failed") throw new Error(`${outcome.message} ${outcome.upstream}`);
  return outcome.kind === "data" ? read(outcome.frame) : [];
}

describe("operations", () => {
  it("takes the union of overlapping children, cut to their parent, from the duration", async () => {
    const spans = [
      { id: "p", parent: null, start: 0, duration: 100 },
      { id: "c1", parent: "p", start: 10, duration: 40 },
      { id: "c2", parent: "p", start: 20, duration: 50 },
      { id: "c3", parent: "p", start: 90, duration: 500 },
    ];
    const rows = await ask(spansFile(spans), { kind: "operation-stats" }, readOperations);
    const self = Object.fromEntries(rows.map((row) => [row.service, row.window.selfMeanMs]));
    expect(self).toEqual({ p: 30, c1: 40, c2: 50, c3: 500 });
  });

  it("agrees with counting each millisecond, for any tree", async () => {
    const child = fc.record({ start: fc.nat(120), duration: fc.nat(60) });
    await fc.assert(
      fc.asyncProperty(fc.array(child, { maxLength: 8 }), async (children) => {
        const covered = new Set<number>();
        for (const { start, duration } of children) {
          for (let at = start; at < start + duration; at++) if (at < 100) covered.add(at);
        }
        const spans = [
          { id: "p", parent: null, start: 0, duration: 100 },
          ...children.map((c, i) => ({ id: `c${i}`, parent: "p", ...c })),
        ];
        const rows = await ask(spansFile(spans), { kind: "operation-stats" }, readOperations);
        const self = rows.find((row) => row.service === "p")?.window.selfMeanMs;
        expect(self).toBeCloseTo(100 - covered.size, 6);
      }),
      { numRuns: 15 },
    );
  });

  it("calls an error an origin where no child of it failed", async () => {
    const spans = [
      { id: "a", parent: null, start: 0, duration: 9, isError: true },
      { id: "b", parent: "a", start: 0, duration: 8, isError: true },
      { id: "c", parent: "b", start: 0, duration: 7 },
    ];
    const rows = await ask(spansFile(spans), { kind: "operation-stats" }, readOperations);
    const origins = rows.map((row) => [row.service, row.window.errors, row.window.errorOrigins]);
    expect(origins.sort()).toEqual([
      ["a", 1, 0],
      ["b", 1, 1],
      ["c", 0, 0],
    ]);
  });

  it("counts a span that was written twice once", async () => {
    const spans = [
      { id: "a", parent: null, start: 0, duration: 10 },
      { id: "b", parent: "a", start: 0, duration: 4 },
    ];
    const files = spansFile([...spans, ...spans]);
    const rows = await ask(files, { kind: "operation-stats" }, readOperations);
    const counts = rows.map((row) => [row.service, row.window.count, row.window.selfMeanMs]);
    expect(counts.sort()).toEqual([
      ["a", 1, 6],
      ["b", 1, 4],
    ]);
  });

  it("compares the window with the baseline", async () => {
    const query = { kind: "operation-stats", baseline: madeBaseline } as const;
    const rows = await ask(shopFiles(), query, readOperations);
    const payment = rows.find((row) => row.service === "payment");
    expect(payment).toMatchObject({
      operation: "charge",
      window: { count: 30, errors: 20, errorOrigins: 20, p95Ms: 60, selfMeanMs: 60 },
      baseline: { count: 60, errors: 0, p50Ms: 60 },
    });
    expect(rows.find((row) => row.service === "checkout")?.window).toMatchObject({
      errors: 20,
      errorOrigins: 0,
      selfMeanMs: 40,
    });
  });
});

describe("edges", () => {
  it("measures the gap between a caller's client span and the callee's", async () => {
    const spans = [
      { id: "a", parent: null, start: 0, duration: 100, service: "web", kind: "server" },
      { id: "b", parent: "a", start: 10, duration: 80, service: "web", kind: "CLIENT" },
      { id: "c", parent: "b", start: 20, duration: 50, service: "api", kind: "server" },
      { id: "d", parent: "a", start: 91, duration: 5, service: "api", kind: "server" },
    ];
    const [edge, ...others] = await ask(spansFile(spans), { kind: "edge-stats" }, readEdges);
    expect(others).toEqual([]);
    expect(edge).toMatchObject({
      caller: "web",
      callee: "api",
      window: { calls: 2, gapMeanMs: 30 },
    });
  });

  it("takes a client span without a child for a call to the peer it names", async () => {
    const peer = { "db.system": "redis", "server.address": "10.0.0.1" };
    const spans = [
      { id: "a", parent: null, start: 0, duration: 9, service: "web", kind: "server" },
      {
        id: "b",
        parent: "a",
        start: 1,
        duration: 5,
        service: "web",
        kind: "client",
        attributes: peer,
      },
    ];
    const rows = await ask(spansFile(spans), { kind: "edge-stats" }, readEdges);
    expect(rows.map((row) => [row.caller, row.callee, row.window.meanMs])).toEqual([
      ["web", "redis", 5],
    ]);
    expect(rows[0]?.window.gapMeanMs).toBeNaN();
  });
});

it("counts requests and errors per bin with zeros, and durations where there are spans", async () => {
  const spans = [0, 60_000, 180_000].map((start, i) => ({
    id: `s${i}`,
    parent: null,
    start,
    duration: 10 * (i + 1),
    service: "web",
    isError: i === 1,
  }));
  const query = { kind: "span-series", stepMs: 60_000 } as const;
  const rows = await ask(spansFile(spans), query, readSeries);
  const values = Object.fromEntries(rows.map((row) => [row.metric, [...row.points.values]]));
  expect(values).toEqual({
    span_requests: [1, 1, 0, 1],
    span_errors: [0, 1, 0, 0],
    span_latency_p95: [10, 20, 30],
    span_self_mean: [10, 20, 30],
  });
});

it("ranks the attribute values that failing spans share", async () => {
  const query = { kind: "span-attributes", baseline: madeBaseline } as const;
  const rows = await ask(shopFiles(), query, readAttributes);
  expect(rows[0]).toEqual({
    service: "checkout",
    key: "app.version",
    value: "v2",
    windowErrors: 20,
    windowCount: 20,
    baselineErrors: 0,
    baselineCount: 0,
    keyErrors: 20,
    keyCount: 30,
  });
  expect(rows.find((row) => row.key === "http.route")?.windowCount).toBe(30);
});

it("lists failing traces first, then slow ones, under their root", async () => {
  const rows = await ask(shopFiles(), { kind: "trace-list", limit: 2 }, readTraces);
  expect(rows).toMatchObject([
    { service: "checkout", operation: "POST /checkout", durationMs: 100, spans: 2, errors: 2 },
    { errors: 2 },
  ]);
  const slow = { kind: "trace-list", minDurationMs: 101 } as const;
  expect(await ask(shopFiles(), slow, readTraces)).toEqual([]);
});

describe("samples of traces", () => {
  const query = { kind: "trace-sample", baseline: madeBaseline } as const;

  it("hold whole traces of both periods, the same ones at every run", async () => {
    const rows = await ask(shopFiles(), query, readTraceSample);
    const ids = new Set(rows.map((row) => row.span));
    expect(new Set(rows.map((row) => row.period))).toEqual(new Set(["window", "baseline"]));
    expect(rows.every((row) => row.parent === null || ids.has(row.parent))).toBe(true);
    expect(await ask(shopFiles(), query, readTraceSample)).toEqual(rows);
  });

  it("are bounded for each period, and say that there was more", async () => {
    using made = captureFolder(shopFiles());
    const outcome = await askCapture(made.folder, { ...query, traces: 2 });
    if (outcome.kind !== "data") throw new Error(outcome.kind);
    const traces = new Map(
      readTraceSample(outcome.frame).map((row) => [row.trace, row.period] as const),
    );
    expect([...traces.values()].sort()).toEqual(["baseline", "baseline", "window", "window"]);
    expect(outcome.provenance.truncated).toBe(true);
  });
});
