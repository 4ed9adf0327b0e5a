import { describe, expect, it } from "vitest";
import type { Column, Frame } from "../../core/frame.ts";
import { type Outcome, type Provenance, signals } from "../../core/outcome.ts";
import type { QueryKind, SignalQuery } from "../../core/query.ts";
import type { Source, SourceContext } from "../../core/source.ts";
import { lengthMs, type Window } from "../../core/window.ts";
import { readLink } from "./console-link.ts";

/** What the suite must know of a source to try it. */
export interface ConformanceSetup {
  open(): Promise<Source>;
  /** Holds data for every kind in `expected`. */
  readonly window: Window;
  readonly baseline: Window;
  /** Holds nothing at all. */
  readonly emptyWindow: Window;
  /** Kinds that must give data over `window`; every other answered kind must merely be valid. */
  readonly expected: readonly QueryKind[];
  /** Text of a native query that gives rows, and a trace that exists. */
  readonly nativeText?: string;
  readonly traceId?: string;
  /** Epoch ms that the source takes for now; the real time when absent. */
  readonly now?: () => number;
  /** True for a source of AWS, whose every answer opens in its console. */
  readonly isAws?: boolean;
}

const seriesColumns = ["service", "metric", "resource", "unit", "metric_kind", "layer"];
const operationStats = ["count", "errors", "error_origins", "mean_ms", "p50_ms", "p95_ms"];
const edgeStats = ["calls", "errors", "mean_ms", "p50_ms", "p95_ms"];
const bothPeriods = (names: readonly string[]) =>
  ["window", "baseline"].flatMap((period) => names.map((name) => `${period}_${name}`));

/** Columns that the frame of each kind must have, as `core/rows.ts` names its fields. */
const columnsOf: Record<QueryKind, readonly string[]> = {
  "metric-list": seriesColumns,
  "metric-series": [...seriesColumns, "points"],
  "log-search": ["timestamp", "service", "severity", "body", "trace_id", "span_id"],
  "log-patterns": [
    ...["service", "pattern", "severity", "operation", "window_count", "baseline_count"],
    ...["first_at", "last_at", "example", "trace_id"],
  ],
  "log-volume": [...seriesColumns, "points"],
  "operation-stats": [
    ...["service", "operation", "span_kind"],
    ...bothPeriods([...operationStats, "self_mean_ms", "self_p50_ms", "self_p95_ms"]),
  ],
  "edge-stats": [
    ...["caller", "callee"],
    ...bothPeriods([...edgeStats, "gap_mean_ms", "gap_p50_ms", "gap_p95_ms"]),
  ],
  "span-series": [...seriesColumns, "points"],
  "span-attributes": [
    ...["service", "key", "value", "window_errors", "window_count"],
    ...["baseline_errors", "baseline_count", "key_errors", "key_count"],
  ],
  "trace-list": ["trace_id", "service", "operation", "start", "duration_ms", "spans", "errors"],
  trace: [
    ...["trace_id", "span_id", "parent_span_id", "service", "name", "start", "duration_ms"],
    ...["is_error", "span_kind", "attributes"],
  ],
  "trace-sample": [
    ...["trace", "span", "parent", "service", "operation", "start", "duration_ms", "period"],
  ],
  changes: ["timestamp", "kind", "service", "ref", "title", "author", "files", "diff"],
  topology: ["from", "to", "kind"],
  alarms: ["name", "service", "state", "since", "reason"],
  slos: ["name", "service", "target", "attained", "budget_left", "burn_rate", "state"],
  native: [],
};

/** What every source must keep to, whatever system it reads. */
export function sourceConformance(name: string, setup: ConformanceSetup): void {
  describe(`${name} keeps the contract of a source`, () => {
    it("probes without throwing, even when cancelled", async () => {
      await using opened = await open(setup);
      const probe = await opened.source.probe(contextOf(setup));
      expect(probe.lines.length).toBeGreaterThan(0);
      const cancelled = await opened.source.probe(contextOf(setup, { isAborted: true }));
      expect(["ready", "limited", "unreachable"]).toContain(cancelled.state);
    });

    it("has a guide of at most ten lines and answers what it says", async () => {
      await using opened = await open(setup);
      expect(opened.source.guide.split("\n").length).toBeLessThanOrEqual(10);
      for (const kind of setup.expected) expect(opened.source.answers).toContain(kind);
    });

    it("answers every kind with the right columns and a whole provenance", async () => {
      await using opened = await open(setup);
      for (const query of queriesOf(opened.source, setup)) {
        const outcome = await opened.source.run(query, setup.window, contextOf(setup));
        if (setup.expected.includes(query.kind))
          expect([query.kind, outcome.kind]).toEqual([query.kind, "data"]);
        checkOutcome(outcome, query, opened.source, setup.window);
        if (setup.isAws && outcome.kind === "data") checkLink(outcome.provenance, query.kind);
      }
    });

    it("says what it searched when there is nothing", async () => {
      await using opened = await open(setup);
      for (const query of queriesOf(opened.source, setup)) {
        const outcome = await opened.source.run(query, setup.emptyWindow, contextOf(setup));
        checkOutcome(outcome, query, opened.source, setup.emptyWindow);
        if (isTimed(query.kind)) expect([query.kind, outcome.kind]).toEqual([query.kind, "empty"]);
      }
    });

    it("stops when cancelled and when the deadline has passed", async () => {
      await using opened = await open(setup);
      for (const query of queriesOf(opened.source, setup)) {
        const cancelled = contextOf(setup, { isAborted: true });
        const stopped = await opened.source.run(query, setup.window, cancelled);
        expect([query.kind, reasonOf(stopped)]).toEqual([query.kind, "cancelled"]);
        const late = contextOf(setup, { leftMs: -1 });
        const timedOut = await opened.source.run(query, setup.window, late);
        expect([query.kind, reasonOf(timedOut)]).toEqual([query.kind, "timed-out"]);
      }
    });

    it("respects a limit and says that it cut", async () => {
      await using opened = await open(setup);
      for (const query of queriesOf(opened.source, setup)) {
        const whole = await opened.source.run(query, setup.window, contextOf(setup));
        if (whole.kind !== "data" || whole.frame.length < 2) continue;
        const limited = { ...query, limit: 1 } as SignalQuery;
        const outcome = await opened.source.run(limited, setup.window, contextOf(setup));
        expect([query.kind, outcome.kind, outcome.provenance.rows]).toEqual([
          query.kind,
          "data",
          1,
        ]);
        expect([query.kind, outcome.provenance.truncated]).toEqual([query.kind, true]);
      }
    });
  });
}

async function open(setup: ConformanceSetup) {
  const source = await setup.open();
  return { source, [Symbol.asyncDispose]: () => source.close() };
}

function contextOf(
  setup: ConformanceSetup,
  how: { isAborted?: boolean; leftMs?: number } = {},
): SourceContext {
  const now = setup.now?.() ?? performance.timeOrigin + performance.now();
  return {
    signal: how.isAborted ? AbortSignal.abort() : new AbortController().signal,
    deadline: now + (how.leftMs ?? 30_000),
    bytesMax: 1e12,
  };
}

/** One question of every kind that the source answers. */
function queriesOf(source: Source, setup: ConformanceSetup): readonly SignalQuery[] {
  const { baseline } = setup;
  const stepMs = Math.max(1_000, Math.round(lengthMs(setup.window) / 20));
  const all: readonly SignalQuery[] = [
    { kind: "metric-list" },
    { kind: "metric-series", baseline },
    { kind: "log-search" },
    { kind: "log-patterns", baseline },
    { kind: "log-volume", baseline, stepMs },
    { kind: "operation-stats", baseline },
    { kind: "edge-stats", baseline },
    { kind: "span-series", baseline, stepMs },
    { kind: "span-attributes", baseline },
    { kind: "trace-list" },
    { kind: "trace", traceId: setup.traceId ?? "none" },
    { kind: "trace-sample", baseline },
    { kind: "changes" },
    { kind: "topology" },
    { kind: "alarms" },
    { kind: "slos" },
    { kind: "native", source: source.name, text: setup.nativeText ?? "" },
  ];
  return all.filter(
    (q) => source.answers.includes(q.kind) && (q.kind !== "native" || setup.nativeText),
  );
}

/** Kinds whose answer over a window without data must be empty. A baseline may still hold data. */
function isTimed(kind: QueryKind): boolean {
  return ["metric-list", "log-search", "trace-list", "changes"].includes(kind);
}

function reasonOf(outcome: Outcome): string {
  return outcome.kind === "failed" ? outcome.reason : outcome.kind;
}

function checkOutcome(outcome: Outcome, query: SignalQuery, source: Source, window: Window): void {
  checkProvenance(outcome.provenance, source, window);
  if (outcome.kind === "failed") {
    expect(outcome.message.length, query.kind).toBeGreaterThan(0);
    return;
  }
  for (const gap of outcome.gaps) {
    expect(gap.what && gap.why && gap.effect, `${query.kind}: ${JSON.stringify(gap)}`).toBeTruthy();
  }
  if (outcome.kind === "empty") {
    expect(outcome.searched.length, query.kind).toBeGreaterThan(0);
    expect(outcome.reasons.length, query.kind).toBeGreaterThan(0);
    expect(outcome.next.length, query.kind).toBeGreaterThan(0);
    return;
  }
  expect(outcome.frame.length, query.kind).toBe(outcome.provenance.rows);
  checkFrame(outcome.frame, query.kind);
}

/** Pages of the console whose address takes no window. */
const timeless = ["alarmsV2", "query-editor"];

/** The link opens the console over the window, or a little more where periods are whole. */
function checkLink({ link, region, window }: Provenance, kind: QueryKind): void {
  const opened = readLink(link ?? `no link for ${kind}`);
  expect([kind, opened.region]).toEqual([kind, region]);
  if (timeless.includes(opened.page)) return;
  const { from, to } = opened.window ?? { from: Number.NaN, to: Number.NaN };
  expect(Math.abs(from - window.from), `${kind} from`).toBeLessThanOrEqual(3_600_000);
  expect(Math.abs(to - window.to), `${kind} to`).toBeLessThanOrEqual(300_000);
}

function checkFrame(frame: Frame, kind: QueryKind): void {
  const names = frame.columns.map((column) => column.name);
  expect(names, kind).toEqual(expect.arrayContaining([...columnsOf[kind]]));
  for (const column of frame.columns) {
    expect(column.values.length, `${kind}.${column.name}`).toBe(frame.length);
    checkColumn(column, kind);
  }
}

function checkColumn(column: Column, kind: QueryKind): void {
  const place = `${kind}.${column.name}`;
  if (column.type === "number" || column.type === "time") {
    expect(column.values, place).toBeInstanceOf(Float64Array);
  }
  if (column.type !== "points") return;
  for (const { times, values } of column.values) {
    expect(times.length, place).toBe(values.length);
    expect(
      times.every((at, i) => i === 0 || at > (times[i - 1] as number)),
      place,
    ).toBe(true);
  }
}

function checkProvenance(provenance: Provenance, source: Source, window: Window): void {
  expect(provenance.source).toBe(source.name);
  expect(signals).toContain(provenance.signal);
  expect(provenance.query.length).toBeGreaterThan(0);
  expect(provenance.window).toEqual(window);
  expect(provenance.tookMs).toBeGreaterThanOrEqual(0);
  expect(provenance.bytesScanned).toBeGreaterThanOrEqual(0);
  expect(typeof provenance.truncated).toBe("boolean");
}
