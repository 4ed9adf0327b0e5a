import type { TraceSummary } from "@aws-sdk/client-xray";
import { expect, it } from "vitest";
import { calibrated } from "./calibration.ts";
import { pickTraces, weightsOf } from "./pick-traces.ts";
import { failureOrigins, originCounts } from "./root-causes.ts";
import { noStats, type OperationPeriod, operationPeriods } from "./span-statistics.ts";

const names = { "payment-api": "payment" };

function row(operation: string, own: Partial<OperationPeriod["stats"]>): OperationPeriod {
  const stats = { ...noStats, meanMs: 100, selfMeanMs: 50, ...own };
  return { service: "payment", operation, spanKind: "server", stats };
}

it("makes what a sample shows add up to what X-Ray counted", () => {
  const rows = [
    row("POST /charges", { count: 30, errors: 2, errorOrigins: 2 }),
    row("GET /health", { count: 10 }),
  ];
  const SummaryStatistics = {
    TotalCount: 400,
    FaultStatistics: { TotalCount: 90 },
    ErrorStatistics: { ThrottleCount: 10, TotalCount: 50 },
    TotalResponseTime: 80,
  };
  const maps = [[{ Name: "payment-api", SummaryStatistics }]];
  const origins = new Map([["payment", 60]]);
  const found = calibrated(rows, { maps, origins, names });
  expect(found.map(({ stats }) => [stats.count, stats.errors, stats.errorOrigins])).toEqual([
    [300, 100, 60],
    [100, 0, 0],
  ]);
  expect(found[0]?.stats).toMatchObject({ meanMs: 200, selfMeanMs: 100 });
});

it("takes a service's own time from its requests less its calls, as X-Ray counted both", () => {
  const request = row("POST /charges", { count: 50, meanMs: 100, selfMeanMs: 20 });
  const call = { ...row("bank", { count: 50, meanMs: 80, selfMeanMs: 80 }), spanKind: "client" };
  const maps = [
    [
      {
        ReferenceId: 1,
        Name: "payment",
        SummaryStatistics: { TotalCount: 500, TotalResponseTime: 90 },
        Edges: [{ ReferenceId: 2, SummaryStatistics: { TotalCount: 500, TotalResponseTime: 60 } }],
      },
      { ReferenceId: 2, Name: "bank" },
    ],
  ];
  const own = (rows: readonly OperationPeriod[]) =>
    calibrated(rows, { maps, origins: null, names: {} })[0]?.stats.selfMeanMs;
  expect(own([request, call])).toBeCloseTo(60);
  // Two calls at the same time: what they leave of the request is less than the service's own time.
  const twice = { ...call, stats: { ...call.stats, meanMs: 160 } };
  expect(own([request, twice])).toBeCloseTo(36);
});

it("leaves a sample as it is where X-Ray counted nothing", () => {
  const rows = [row("POST /charges", { count: 30, errors: 2, errorOrigins: 1 })];
  expect(calibrated(rows, { maps: [], origins: null, names })).toEqual(rows);
});

const broken: TraceSummary = {
  Id: "1-1",
  HasFault: true,
  FaultRootCauses: [
    {
      Services: [
        { Name: "shop", Inferred: false, EntityPath: [{ Name: "shop" }] },
        {
          Name: "payment-api",
          Inferred: false,
          EntityPath: [{ Name: "bank", Exceptions: [{ Name: "Abort", Message: "timed out" }] }],
        },
        { Name: "bank", Inferred: true },
      ],
    },
  ],
};

it("finds where a trace began to fail, and what was thrown there", () => {
  expect(failureOrigins(broken, names)).toEqual([
    { service: "payment", exceptions: ["Abort: timed out"] },
  ]);
});

it("counts where faults begin only where X-Ray tells of most of them", () => {
  const untold: TraceSummary = { Id: "1-2", HasFault: true };
  const refused: TraceSummary = { ...broken, HasFault: false };
  expect(originCounts([refused], names)).toEqual(new Map());
  expect(originCounts([broken, broken, broken, untold], names)).toEqual(new Map([["payment", 4]]));
  expect(originCounts([broken, untold, untold], names)).toBeNull();
});

it("reads enough of what is rare, and says how many each of them stands for", () => {
  const all = Array.from({ length: 1_000 }, (_, at): TraceSummary => {
    return { Id: `${at}`, StartTime: new Date(at * 1_000), HasFault: at % 125 === 0 };
  });
  const sortOf = ({ HasFault: isRare }: TraceSummary) => String(isRare);
  const picked = pickTraces(all, 50, sortOf);
  const rare = picked.filter(({ HasFault: isRare }) => isRare);
  expect(picked).toHaveLength(50);
  expect(new Set(picked).size).toBe(50);
  expect(rare.length).toBeGreaterThanOrEqual(5);
  const weights = weightsOf(all, new Set(picked.map(({ Id: id = "" }) => id)), sortOf);
  expect([...weights.values()].reduce((a, b) => a + b, 0)).toBeCloseTo(1_000);
  expect(weights.get(rare[0]?.Id ?? "")).toBe(8 / rare.length);
});

it("lets what stands for many traces weigh as many in means and quantiles", () => {
  const span = (traceId: string, durationMs: number) => ({
    ...{ traceId, spanId: traceId, parentSpanId: null, service: "shop", name: "GET /" },
    ...{ start: 0, durationMs, isError: false, spanKind: "server", attributes: {} },
  });
  const spans = [span("usual", 10), span("rare", 200), span("slow", 30)];
  const weights = new Map([["usual", 9]]);
  const [stats] = operationPeriods(spans, (id) => weights.get(id) ?? 1).map((each) => each.stats);
  const alike = [...Array.from({ length: 9 }, (_, at) => span(`${at}`, 10)), ...spans.slice(1)];
  const [counted] = operationPeriods(alike).map((each) => each.stats);
  expect(stats).toMatchObject({ count: 11, meanMs: counted?.meanMs, selfMeanMs: counted?.meanMs });
  expect(stats?.p50Ms).toBe(10);
  expect(stats?.p95Ms).toBeCloseTo(counted?.p95Ms ?? Number.NaN);
});
