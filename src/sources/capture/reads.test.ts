import { fork } from "node:child_process";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../core/outcome.ts";
import type { SignalQuery } from "../../core/query.ts";
import {
  readAlarms,
  readChanges,
  readLogLines,
  readLogPatterns,
  readSeries,
  readSpans,
  readTopology,
} from "../../core/row-readers.ts";
import { toIso } from "../../core/window.ts";
import { capture, readCaptureIncident } from "../capture.ts";
import { askCapture, complaintsOf, freeContext, rowsOf } from "../testing/ask.ts";
import {
  captureFolder,
  jsonLines,
  madeBaseline,
  madeWindow,
  minute,
  shopFiles,
} from "../testing/capture-folder.ts";
import { writeParquet } from "../testing/parquet.ts";

type Files = Record<string, string | Uint8Array>;

async function ask<Row>(
  files: Files,
  query: SignalQuery,
  read: (frame: Extract<Outcome, { kind: "data" }>["frame"]) => readonly Row[],
  incident: Record<string, unknown> = {},
) {
  using made = captureFolder(files, incident);
  const outcome = await askCapture(made.folder, query);
  return { outcome, rows: outcome.kind === "data" ? read(outcome.frame) : [] };
}

const logLine = (after: number, more: object = {}) => ({
  timestamp: toIso(minute(after)),
  service: "a",
  severity: "INFO",
  body: `at ${after}`,
  ...more,
});

describe("times", () => {
  const at = minute(5);
  it.each([
    ["ISO with an offset", "2026-03-01T19:05:00+09:00"],
    ["ISO without one, as UTC", "2026-03-01T10:05:00"],
    ["ISO with a space", "2026-03-01 10:05:00.000"],
    ["a comma before the milliseconds", "2026-03-01 10:05:00,000"],
    ["slashes", "2026/03/01 10:05:00"],
    ["the words of HTTP", "Sun, 01 Mar 2026 10:05:00 GMT"],
    ["epoch seconds", at / 1_000],
    ["epoch milliseconds", at],
    ["epoch microseconds", at * 1_000],
    ["epoch nanoseconds as text", `${at}000000`],
    ["epoch seconds with a fraction, as text", `${at / 1_000}.0`],
  ])("reads %s", async (_, timestamp) => {
    const files = { "logs.jsonl": jsonLines([logLine(5, { timestamp })]) };
    const { rows } = await ask(files, { kind: "log-search" }, readLogLines);
    expect(rows.map((row) => row.timestamp)).toEqual([at]);
  });
});

describe("owners", () => {
  const point = { timestamp: minute(5), value: 1 };
  it.each([
    ["the name before the measure", { metric: "carts-db_mem" }, "carts-db"],
    ["a name with dashes", { metric: "ts-order-service_latency-90" }, "ts-order-service"],
    ["a label", { metric: "mem", labels: { pod: "cart-0" } }, "cart-0"],
    ["a column of another name", { metric: "mem", cmdb_id: "os_021" }, "os_021"],
    ["nothing where the name only says what is measured", { metric: "node_cpu_total" }, ""],
  ])("takes a service from %s", async (_, row, service) => {
    const files = { "metrics.jsonl": jsonLines([{ ...point, ...row }]) };
    const { rows } = await ask(files, { kind: "metric-series" }, readSeries);
    expect(rows.map((each) => each.service)).toEqual([service]);
  });

  it.each([
    ["milliseconds", minute(5), 12],
    ["microseconds", minute(5) * 1_000, 12_000],
    ["nanoseconds", `${minute(5)}000000`, 12_000_000],
  ])("reads a duration without a unit as its start has it: %s", async (_, startTime, duration) => {
    const span = { traceID: "t", spanID: "s", serviceName: "cart", operationName: "GET" };
    const files = { "spans.jsonl": jsonLines([{ ...span, startTime, duration }]) };
    const { rows } = await ask(files, { kind: "trace", traceId: "t" }, readSpans);
    expect(rows.map((each) => each.durationMs)).toEqual([12]);
  });
});

describe("files", () => {
  it("joins split files of mixed formats and compressions into one table", async () => {
    const lines = (from: number) => jsonLines([logLine(from), logLine(from + 1)]);
    using made = captureFolder({
      "logs-1.jsonl": lines(1),
      "logs-2.jsonl.gz": gzipSync(lines(3)),
      "logs-3.jsonl.zst": zstdCompressSync(lines(5)),
      "logs.csv": `time,level,message,host\n${toIso(minute(7))},warn,"a, ""b""",h1\n`,
    });
    await writeParquet(
      join(made.folder, "logs-4.parquet"),
      `SELECT ${minute(8)}::BIGINT AS ts, 'p' AS service_name, 17 AS severity, 'x' AS body`,
    );
    const outcome = await askCapture(made.folder, { kind: "log-search" });
    const rows = outcome.kind === "data" ? readLogLines(outcome.frame) : [];
    expect(complaintsOf(outcome)).toEqual([]);
    expect(rows.map((row) => [row.timestamp - minute(0), row.severity, row.body])).toEqual([
      [480_000, "error", "x"],
      [420_000, "warn", 'a, "b"'],
      ...[6, 5, 4, 3, 2, 1].map((i) => [i * 60_000, "info", `at ${i}`]),
    ]);
  });

  it("tells series apart by unknown columns and attributes", async () => {
    const csv = `timestamp,service,metric,value,host,zone
${toIso(minute(1))},a,cpu,1,h1,z
${toIso(minute(1))},a,cpu,2,h2,z
${toIso(minute(1))},a,rps,3,h1,z
`;
    const { rows } = await ask({ "metrics.csv": csv }, { kind: "metric-series" }, readSeries);
    expect(rows.map((row) => [row.metric, row.resource, [...row.points.values]])).toEqual([
      ["cpu", "host=h1", [1]],
      ["cpu", "host=h2", [2]],
      ["rps", null, [3]],
    ]);
  });

  it("orders points and takes the mean of samples at one time", async () => {
    const sample = (after: number, value: number) => ({
      timestamp: minute(after),
      service: 'it\'s "a"',
      metric: "m",
      value,
    });
    const rows = [sample(3, 30), sample(1, 10), sample(2, 20), sample(1, 14)];
    const query: SignalQuery = { kind: "metric-series", services: ['it\'s "a"'] };
    const read = await ask({ "metrics.jsonl": jsonLines(rows) }, query, readSeries);
    expect([...(read.rows[0]?.points.values ?? [])]).toEqual([12, 20, 30]);
  });

  it("derives layers: KPIs, resources, and what callers see", async () => {
    const metrics = ["orders_total", "cpu_usage", "http_request_duration_p99", "dbPoolSize"];
    const csv = metrics.map((metric) => `${toIso(minute(1))},a,${metric},1\n`).join("");
    const kpis = [{ name: "Orders", metric: "orders_total" }];
    const files = { "metrics.csv": `timestamp,service,metric,value\n${csv}` };
    const { rows } = await ask(files, { kind: "metric-series" }, readSeries, { kpis });
    expect(Object.fromEntries(rows.map((row) => [row.metric, row.layer]))).toEqual({
      orders_total: "business",
      cpu_usage: "infrastructure",
      dbPoolSize: "infrastructure",
      http_request_duration_p99: "application",
    });
  });
});

describe("logs", () => {
  it.each([
    ["ERROR", "x", "error"],
    ["Warning", "x", "warn"],
    ["SEVERITY_NUMBER_FATAL2", "x", "fatal"],
    [13, "x", "warn"],
    [50, "x", "error"],
    [null, "2026-03-01 ERROR boom", "error"],
    [null, "ts=1 level=warning msg=x", "warn"],
    [null, '{"severity":"critical","m":1}', "fatal"],
    [null, "no errors here", "info"],
    ["odd", "x", "info"],
  ])("reads the severity %s of %s as %s", async (severity, body, expected) => {
    const files = { "logs.jsonl": jsonLines([logLine(1, { severity, body })]) };
    const { rows } = await ask(files, { kind: "log-search" }, readLogLines);
    expect(rows[0]?.severity).toBe(expected);
  });

  it("counts patterns in the window and before it, and keeps the operation apart", async () => {
    const query = { kind: "log-patterns", baseline: madeBaseline, byOperation: true } as const;
    const { rows, outcome } = await ask(shopFiles(), query, readLogPatterns);
    expect(complaintsOf(outcome)).toEqual([]);
    expect(rows).toMatchObject([
      {
        service: "payment",
        pattern: "card <*> declined: gateway down",
        severity: "error",
        operation: "charge",
        windowCount: 20,
        baselineCount: 0,
        firstAt: minute(10),
        lastAt: minute(29),
        traceId: expect.stringMatching(/^t\d+$/),
      },
      {
        pattern: "card <*> charged",
        windowCount: 10,
        baselineCount: 60,
        firstAt: minute(0),
        lastAt: minute(9),
      },
    ]);
  });

  it("counts the same faults whether patterns or a search come first", async () => {
    const text = `${jsonLines([logLine(1), logLine(2, { timestamp: "never" })])}{oops\n`;
    const patterns = await ask({ "logs.jsonl": text }, { kind: "log-patterns" }, readLogPatterns);
    const search = await ask({ "logs.jsonl": text }, { kind: "log-search" }, readLogLines);
    expect(complaintsOf(patterns.outcome)).toEqual(complaintsOf(search.outcome));
    expect(complaintsOf(search.outcome)[0]).toContain("(line 3)");
  });

  it("fills bins without lines with zero, and leaves out those before the recording", async () => {
    const files = { "logs.jsonl": jsonLines([logLine(-1), logLine(1), logLine(3)]) };
    const query = { kind: "log-volume", baseline: madeBaseline, stepMs: 60_000 } as const;
    const { rows } = await ask(files, query, readSeries);
    expect(rows.map((row) => row.metric)).toEqual(["log_lines_info"]);
    expect([...(rows[0]?.points.values ?? [])]).toEqual([1, 0, 1, 0, 1]);
    expect(rows[0]?.points.times[0]).toBe(minute(-1));
  });
});

describe("changes, topology and alarms", () => {
  it("takes the service of a change from its files or tag when only one is known", async () => {
    const change = (ref: string, more: object) => ({
      timestamp: minute(1),
      kind: "commit",
      service: null,
      ref,
      title: ref,
      ...more,
    });
    const rows = [
      change("a", { files: ["services/payment/main.go", "docs/x.md"] }),
      change("b", { files: ["payment/a.go", "checkout/b.go"] }),
      change("c", { title: "#checkout-service tidy", files: ["lib/x.ts"] }),
      change("d", { title: "#nobody", files: [] }),
      change("e", { service: "ledger", kind: "release" }),
    ];
    const files = { ...shopFiles(), "changes.jsonl": jsonLines(rows) };
    const read = await ask(files, { kind: "changes" }, readChanges);
    expect(read.rows.map((row) => [row.ref, row.service, row.kind])).toEqual([
      ["a", "payment", "commit"],
      ["b", "", "commit"],
      ["c", "checkout", "commit"],
      ["d", "", "commit"],
      ["e", "ledger", "deploy"],
    ]);
    expect(read.rows[0]?.files).toEqual(["services/payment/main.go", "docs/x.md"]);
  });

  it("prefers topology.json, says which of its edges are broken, and falls back to spans", async () => {
    const edges = [{ from: "a", to: "b" }, { from: "a" }];
    const file = { ...shopFiles(), "topology.json": JSON.stringify({ edges }) };
    const read = await ask(file, { kind: "topology" }, readTopology);
    expect(read.rows).toEqual([{ from: "a", to: "b", kind: "call" }]);
    expect(complaintsOf(read.outcome)[0]).toContain("1 of its edges have no caller or callee");
    const broken = { ...shopFiles(), "topology.json": "{" };
    const spans = await ask(broken, { kind: "topology" }, readTopology);
    expect(spans.rows).toEqual([{ from: "checkout", to: "payment", kind: "call" }]);
    expect(complaintsOf(spans.outcome)[0]).toContain("it is not JSON");
  });

  it("gives the alarm that started the incident, and of its past says that nothing is known", async () => {
    const { rows } = await ask({}, { kind: "alarms" }, readAlarms);
    expect(rows).toEqual([
      {
        name: "checkout-errors",
        service: "checkout",
        state: "firing",
        since: minute(10),
        reason: "errors above 5 %",
        metric: null,
        children: [],
        firings: Number.NaN,
        isFlapping: false,
        suggested: null,
      },
    ]);
  });
});

describe("what may be read", () => {
  it("calls a missing table empty and a gap, a denied one failed", async () => {
    const denied = [{ signal: "logs", reason: "AccessDenied" }];
    using made = captureFolder(shopFiles(), { denied });
    const logs = await askCapture(made.folder, { kind: "log-search" });
    expect(logs).toMatchObject({ kind: "failed", reason: "denied" });
    expect(complaintsOf(logs)[0]).toContain("AccessDenied");
    using bare = captureFolder({});
    const spans = await askCapture(bare.folder, { kind: "operation-stats" });
    expect(spans).toMatchObject({ kind: "empty", reasons: ["the capture has no spans table"] });
    expect(complaintsOf(spans)[0]).toContain("nothing is known from traces");
  });

  it("runs one SELECT of the native language and refuses everything else", async () => {
    using made = captureFolder(shopFiles());
    const source = await capture.open("capture", { folder: made.folder });
    const native = (text: string) =>
      source.run({ kind: "native", source: "capture", text }, madeWindow, freeContext());
    const good = await native("FROM logs SELECT severity, count(*) AS n GROUP BY ALL;");
    expect(rowsOf(good)).toBe(2);
    expect(rowsOf(await native("SELECT avg(self_ms) AS s FROM span_facts"))).toBe(1);
    const refused = [
      "DROP VIEW logs",
      "SELECT 1; SELECT 2",
      "COPY (SELECT 1) TO 'x.csv'",
      "SET threads = 1",
      "ATTACH 'x.db'",
      "SELECT * FROM read_text('/etc/hostname')",
      `SELECT * FROM read_text('${join(made.folder, "truth.json")}')`,
      `SELECT * FROM read_json('${join(made.folder, "*.json")}')`,
      "SELECT 1) UNION (SELECT 2",
      "not sql",
    ];
    for (const text of refused) {
      expect([text, (await native(text)).kind]).toEqual([text, "failed"]);
    }
    expect(rowsOf(await native("FROM logs"))).toBe(90);
    await source.close();
  });

  it("fails as too big before it reads more bytes than it may", async () => {
    using made = captureFolder(shopFiles());
    const source = await capture.open("capture", { folder: made.folder });
    const context = { ...freeContext(), bytesMax: 100 };
    const outcome = await source.run({ kind: "log-search" }, madeWindow, context);
    expect(outcome).toMatchObject({ kind: "failed", reason: "too-big" });
    await source.close();
  });

  it("stops a running query when it is cancelled", async () => {
    using made = captureFolder(shopFiles());
    const source = await capture.open("capture", { folder: made.folder });
    const text = "SELECT count(*) AS n FROM range(100000000) a, range(100000) b";
    const signal = AbortSignal.timeout(100);
    const context = { ...freeContext(), signal };
    const outcome = await source.run(
      { kind: "native", source: "capture", text },
      madeWindow,
      context,
    );
    expect(outcome).toMatchObject({ kind: "failed", reason: "cancelled" });
    await source.close();
  });

  it("says what is wrong with incident.json", async () => {
    using made = captureFolder({}, { window: { from: "2026-03-01", to: "soon" } });
    await expect(readCaptureIncident(made.folder)).rejects.toThrow(
      /incident\.json: window\.to: "soon" is not an ISO 8601 time/,
    );
    await expect(readCaptureIncident(join(made.folder, "none"))).rejects.toThrow(
      /is not a folder that can be read/,
    );
  });

  it("takes null in incident.json for what was left out", async () => {
    using made = captureFolder({}, { baseline: null, services: null, slos: null });
    const incident = await readCaptureIncident(made.folder);
    expect(incident).toMatchObject({ services: [], slos: [] });
    expect(incident.baseline).toBeUndefined();
  });

  it("reads a table of tabs", async () => {
    const tabs = `timestamp\tseverity\tservice\tbody\n${toIso(minute(5))}\tINFO\ta\thi\n`;
    const read = await ask({ "logs.tsv": tabs }, { kind: "log-search" }, readLogLines);
    expect(read.rows.map((row) => row.body)).toEqual(["hi"]);
  });

  it("may be read by several processes at once", async () => {
    using made = captureFolder(shopFiles());
    const reader = join(import.meta.dirname, "../testing/read-capture.ts");
    const counts = [1, 2, 3].map(
      () =>
        new Promise((resolve) => {
          fork(reader, [made.folder]).once("message", resolve);
        }),
    );
    expect(await Promise.all(counts)).toEqual([90, 90, 90]);
  }, 30_000);
});

it("gives all spans of a trace, with what is not a column as attributes", async () => {
  const span = { trace_id: "t", span_id: "s", service: "a", name: "n", start: minute(1) };
  const row = {
    ...span,
    duration_us: 1_500,
    statusCode: 503,
    "http.route": "/x",
    attributes: { k: 1 },
  };
  const files = { "spans.jsonl": jsonLines([row]) };
  const { rows } = await ask(files, { kind: "trace", traceId: "t" }, readSpans);
  expect(rows).toMatchObject([
    {
      durationMs: 1.5,
      isError: true,
      attributes: { k: 1, "http.route": "/x" },
      parentSpanId: null,
    },
  ]);
});
