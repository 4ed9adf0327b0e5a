import { describe, expect, it } from "vitest";
import type { SignalQuery } from "../../core/query.ts";
import {
  readEdges,
  readLogLines,
  readOperations,
  readSeries,
  readSpans,
} from "../../core/row-readers.ts";
import { askCapture, complaintsOf } from "../testing/ask.ts";
import { captureFolder, jsonLines, madeWindow, minute } from "../testing/capture-folder.ts";

const nanos = (after: number, ms = 0) => `${minute(after) + ms}000000`;
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const resourceOf = (service: string) => ({
  attributes: [text("service.name", service), text("host.name", `${service}-1`)],
});

const spanLine = {
  resourceSpans: [
    {
      resource: resourceOf("web"),
      scopeSpans: [
        {
          scope: { name: "http" },
          spans: [
            {
              traceId: "5b8efff798038103d269b633813fc60c",
              spanId: "eee19b7ec3c1b174",
              parentSpanId: "",
              name: "GET /",
              kind: 2,
              startTimeUnixNano: nanos(1),
              endTimeUnixNano: nanos(1, 120),
              attributes: [
                text("http.route", "/"),
                { key: "http.status", value: { intValue: "500" } },
              ],
              status: { code: 2, message: "boom" },
            },
            {
              traceId: "5b8efff798038103d269b633813fc60c",
              spanId: "eee19b7ec3c1b175",
              parentSpanId: "eee19b7ec3c1b174",
              name: "call db",
              kind: "SPAN_KIND_CLIENT",
              startTimeUnixNano: nanos(1, 10),
              endTimeUnixNano: nanos(1, 90),
              attributes: [text("db.system", "postgresql")],
              status: { code: "STATUS_CODE_ERROR" },
            },
          ],
        },
      ],
    },
  ],
};

const logLine = {
  resourceLogs: [
    {
      resource: resourceOf("web"),
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: nanos(2),
              severityNumber: 17,
              body: { stringValue: "db is down" },
              traceId: "5b8efff798038103d269b633813fc60c",
              spanId: "eee19b7ec3c1b174",
            },
            {
              timeUnixNano: "0",
              observedTimeUnixNano: nanos(3),
              severityText: "Information",
              body: { kvlistValue: { values: [text("event", "start")] } },
            },
          ],
        },
      ],
    },
  ],
};

const series = (name: string, more: object) => ({
  resourceMetrics: [
    { resource: resourceOf("web"), scopeMetrics: [{ metrics: [{ name, unit: "1", ...more }] }] },
  ],
});
const points = (make: (at: number) => object) =>
  [0, 1, 2, 3].map((at) => ({ timeUnixNano: nanos(at), ...make(at) }));

const metricLines = [
  series("queue.depth", { gauge: { dataPoints: points((at) => ({ asInt: String(at) })) } }),
  series("requests", {
    sum: {
      aggregationTemporality: 2,
      isMonotonic: true,
      // 10 a minute, with a restart before minute 2.
      dataPoints: points((at) => ({ asDouble: [100, 110, 4, 14][at] })),
    },
  }),
  series("in.flight", {
    sum: {
      aggregationTemporality: 2,
      isMonotonic: false,
      dataPoints: points((at) => ({ asInt: String(5 - at) })),
    },
  }),
  series("duration", {
    histogram: {
      aggregationTemporality: "AGGREGATION_TEMPORALITY_CUMULATIVE",
      dataPoints: points((at) => ({
        count: String(10 * (at + 1)),
        sum: 1000 * (at + 1),
        bucketCounts: ["0", String(10 * (at + 1)), "0"],
        explicitBounds: [50, 150],
      })),
    },
  }),
];

async function ask<Row>(
  lines: readonly unknown[],
  query: SignalQuery,
  read: (frame: never) => readonly Row[],
) {
  using made = captureFolder({ "telemetry.otlp.jsonl": jsonLines(lines) });
  const outcome = await askCapture(made.folder, query, {
    ...madeWindow,
    from: madeWindow.from - 1,
  });
  const rows = outcome.kind === "data" ? read(outcome.frame as never) : [];
  return { rows, complaints: complaintsOf(outcome), kind: outcome.kind };
}

describe("OTLP/JSON files", () => {
  it("gives logs with service, severity, body and ids", async () => {
    const { rows } = await ask([logLine, spanLine], { kind: "log-search" }, readLogLines);
    expect(
      rows.map((row) => [row.timestamp - minute(0), row.service, row.severity, row.body]),
    ).toEqual([
      [
        180_000,
        "web",
        "info",
        '{"kvlistValue":{"values":[{"key":"event","value":{"stringValue":"start"}}]}}',
      ],
      [120_000, "web", "error", "db is down"],
    ]);
    expect(rows[1]?.spanId).toBe("eee19b7ec3c1b174");
  });

  it("gives spans with kind, status, attributes and the peer of a client span", async () => {
    const lines = [spanLine, logLine];
    const { rows } = await ask(lines, { kind: "operation-stats" }, readOperations);
    expect(rows.map((row) => [row.operation, row.spanKind, row.window.errors])).toEqual([
      ["GET /", "server", 1],
      ["call db", "client", 1],
    ]);
    expect(rows[0]?.window.selfMeanMs).toBeCloseTo(40, 6);
    expect(rows.map((row) => row.window.errorOrigins)).toEqual([0, 1]);
    const edges = await ask(lines, { kind: "edge-stats" }, readEdges);
    expect(edges.rows.map((row) => [row.caller, row.callee])).toEqual([["web", "postgresql"]]);
    const traceId = "5b8efff798038103d269b633813fc60c";
    const spans = await ask(lines, { kind: "trace", traceId }, readSpans);
    expect(spans.rows[0]?.attributes).toEqual({
      "host.name": "web-1",
      "http.route": "/",
      "http.status": 500,
    });
  });

  it("gives gauges as they are, and what cumulative sums and histograms added", async () => {
    const { rows, complaints } = await ask(metricLines, { kind: "metric-series" }, readSeries);
    const values = Object.fromEntries(rows.map((row) => [row.metric, [...row.points.values]]));
    expect(values).toEqual({
      duration_count: [10, 10, 10],
      duration_mean: [100, 100, 100],
      duration_p95: [145, 145, 145],
      "in.flight": [5, 4, 3, 2],
      "queue.depth": [0, 1, 2, 3],
      requests: [10, 4, 10],
    });
    expect(complaints).toEqual([]);
  });

  it("counts broken lines, whatever they were to hold", async () => {
    const good = jsonLines([logLine, spanLine, ...metricLines]);
    using made = captureFolder({ "all.otlp.jsonl": `${good}{"resourceLogs": [\n` });
    const kinds = ["log-search", "operation-stats", "metric-series"] as const;
    for (const kind of kinds) {
      const outcome = await askCapture(made.folder, { kind });
      expect(outcome.kind).toBe("data");
      expect(complaintsOf(outcome)[0]).toContain("1 line cannot be read (line 7)");
    }
  });
});
