import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { expect, it } from "vitest";
import type { Outcome } from "../core/outcome.ts";
import type { SignalQuery } from "../core/query.ts";
import { readLogLines, readLogPatterns, readSeries } from "../core/row-readers.ts";
import { systemClock } from "../platform/clock.ts";
import { cloudwatchLogs } from "./cloudwatch-logs.ts";
import { freeContext } from "./testing/ask.ts";
import { type AwsReply, type AwsRequest, answer, awsDouble, fault } from "./testing/aws-double.ts";
import { fakeAwsCredentials, isMotoThere, motoNote, startMoto } from "./testing/moto.ts";
import { sourceConformance } from "./testing/source-conformance.ts";

fakeAwsCredentials(process.env);
const region = "eu-west-1";
const minute = 60_000;
const now = Math.floor(systemClock.now() / minute) * minute;
const window = { from: now - 10 * minute, to: now };
const baseline = { from: now - 30 * minute, to: window.from };
const emptyWindow = { from: now - 5_000 * minute, to: now - 4_000 * minute };

const open = (endpoint: string, more: object = {}) =>
  cloudwatchLogs.open("logs", cloudwatchLogs.settings.parse({ region, endpoint, ...more }));

async function ask(endpoint: string, query: SignalQuery, more: object = {}, context = {}) {
  const source = await open(endpoint, more);
  try {
    return await source.run(query, window, { ...freeContext(), ...context });
  } finally {
    await source.close();
  }
}

interface Started {
  readonly queryString: string;
  readonly logGroupNames: readonly string[];
  readonly startTime: number;
  readonly endTime: number;
  readonly limit: number;
}

/** Logs Insights as far as its answers go: groups, queries by id, and rows by what is asked. */
function insights(
  groups: readonly string[],
  rowsOf: (asked: Started) => readonly Record<string, string>[] | "Timeout" | "Running",
) {
  const started: Started[] = [];
  return {
    started,
    reply: ({ operation, body }: AwsRequest): AwsReply => {
      if (operation === "DescribeLogGroups") {
        const from = Number(body.nextToken ?? 0);
        const page = groups.slice(from, from + 50);
        const next = from + 50 < groups.length ? { nextToken: String(from + 50) } : {};
        return answer({ logGroups: page.map((logGroupName) => ({ logGroupName })), ...next });
      }
      if (operation === "StartQuery") {
        started.push(body as unknown as Started);
        return answer({ queryId: String(started.length - 1) });
      }
      if (operation === "StopQuery") return answer({ success: true });
      const asked = started[Number(body.queryId)] as Started;
      const rows = rowsOf(asked);
      if (typeof rows === "string") return answer({ status: rows });
      const results = rows
        .slice(0, asked.limit)
        .map((row) => Object.entries(row).map(([field, value]) => ({ field, value })));
      return answer({ status: "Complete", results, statistics: { bytesScanned: 1_000 } });
    },
  };
}

const time = (ms: number) => new Date(ms).toISOString().replace("T", " ").replace("Z", "");
const log = "123456789012:/aws/lambda/checkout";
const trace = "0af7651916cd43dd8448eb211c80319c";
const line = `{"level":"error","msg":"card declined","trace_id":"${trace}"}`;

function rowsOf({ queryString, startTime, endTime }: Started) {
  const at = startTime * 1_000;
  if (at < now - 1_000 * minute) return [];
  if (queryString.includes("pattern @message")) {
    const isInside = at >= window.from;
    const samples = [{ timestamp: String(window.from + 5_000), message: line }];
    return [
      {
        "@pattern": 'card declined for <Token-1> after <*> ms {"level":"error"}',
        "@sampleCount": isInside ? "90" : "3",
        "@severityLabel": "ERROR",
        "@logSamples": JSON.stringify(isInside ? samples : []),
      },
      { "@pattern": "served <*>", "@sampleCount": "500", "@severityLabel": "NONE" },
    ];
  }
  if (queryString.includes("stats")) {
    const lines = queryString.startsWith("filter") ? "4" : "10";
    // The first minutes of what is asked for and of the window, when that lies further in.
    const starts = new Set([Math.ceil(at / minute) * minute, window.from]);
    return [...starts]
      .filter((start) => start >= at && start < endTime * 1_000)
      .map((start) => ({ at: time(start), "@log": log, lines }));
  }
  return [1, 2, 3].map((n) => ({
    "@timestamp": time(window.from + n * minute),
    "@message": line,
    "@log": log,
    "@ptr": "x",
  }));
}

const served = await awsDouble(insights(["/aws/lambda/checkout"], rowsOf).reply);

sourceConformance("CloudWatch Logs", {
  open: () => open(served.endpoint),
  window,
  baseline,
  emptyWindow,
  isAws: true,
  expected: ["log-search", "log-patterns", "log-volume", "native"],
  nativeText: "fields @message",
  now: systemClock.now,
});

it("puts the filter before the limit and quotes what the caller searches", async () => {
  const double = insights(["/aws/lambda/checkout"], rowsOf);
  await using aws = await awsDouble(double.reply);
  const text = "a/b | limit 1";
  const query = { kind: "log-search", text, severityMin: "error", limit: 2 } as const;
  const outcome = await ask(aws.endpoint, query);
  expect(double.started[0]?.queryString).toMatchInlineSnapshot(`
    "fields @timestamp, @message, @log
    | filter @message like /(?i)a\\/b\\s+\\|\\s+limit\\s+1/ and @message like /(?i)\\b(error|err|severe|exception|fatal|critical|panic|emergency)\\b/
    | sort @timestamp desc
    | limit 3"
  `);
  const lines = outcome.kind === "data" ? readLogLines(outcome.frame) : [];
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatchObject({ service: "checkout", severity: "error", traceId: trace });
  expect(outcome.provenance).toMatchObject({ truncated: true, bytesScanned: 1_000, region });
  expect(outcome.provenance.link).toContain("logs-insights");
});

it("counts the patterns of window and baseline", async () => {
  const outcome = await ask(served.endpoint, { kind: "log-patterns", baseline });
  const [first] = outcome.kind === "data" ? readLogPatterns(outcome.frame) : [];
  expect(first).toMatchObject({
    service: "checkout",
    severity: "error",
    windowCount: 90,
    baselineCount: 3,
    firstAt: window.from + 5_000,
    example: "card declined",
    traceId: trace,
  });
});

it("counts lines per bin, failing ones apart", async () => {
  const query = { kind: "log-volume", baseline, stepMs: minute } as const;
  const outcome = await ask(served.endpoint, query);
  const series = outcome.kind === "data" ? readSeries(outcome.frame) : [];
  const sums = series.map(({ metric, points }) => [metric, points.values.reduce((a, b) => a + b)]);
  expect(sums).toEqual([
    ["log_lines_error", 8],
    ["log_lines_info", 12],
  ]);
  expect(series[0]?.points.times).toHaveLength(30);
});

it("counts no silence for a time when there was no log group to write to", async () => {
  const madeAt = window.from - 5 * minute;
  const lines = [{ at: time(window.from), "@log": log, lines: "7" }];
  const { reply } = insights([], () => lines);
  const group = { logGroupName: "/aws/lambda/checkout", creationTime: madeAt };
  await using aws = await awsDouble((request) =>
    request.operation === "DescribeLogGroups" ? answer({ logGroups: [group] }) : reply(request),
  );
  const query = { kind: "log-volume", baseline, stepMs: minute } as const;
  const outcome = await ask(aws.endpoint, query);
  const [series] = outcome.kind === "data" ? readSeries(outcome.frame) : [];
  expect(series?.points.times[0]).toBe(madeAt);
  expect([...(series?.points.values ?? [])]).toEqual([0, 0, 0, 0, 0, 7, ...Array(9).fill(0)]);
});

it("counts window and baseline that touch in one query, and the same time only once", async () => {
  const double = insights(["/aws/lambda/checkout"], rowsOf);
  await using aws = await awsDouble(double.reply);
  const source = await open(aws.endpoint);
  const whole = { from: baseline.from, to: window.to };
  const query = { kind: "log-volume", stepMs: minute } as const;
  await source.run(query, whole, freeContext());
  const outcome = await source.run({ ...query, baseline }, window, freeContext());
  const apart = { from: baseline.from - 60 * minute, to: baseline.to - 60 * minute };
  await source.run({ ...query, baseline: apart }, window, freeContext());
  await source.close();
  expect(outcome.kind).toBe("data");
  expect(double.started.map(({ startTime, endTime }) => [startTime, endTime + 1])).toEqual(
    [whole, whole, apart, apart, window, window].map(({ from, to }) => [from / 1_000, to / 1_000]),
  );
});

it("counts in longer bins where short ones would not fit into one answer", async () => {
  const groups = Array.from({ length: 30 }, (_, i) => `/ecs/s${i}`);
  const double = insights(groups, rowsOf);
  await using aws = await awsDouble(double.reply);
  // 30 groups with 200 bins of 3 s are 6,000 rows; with the baseline 18,000 of at most 10,000.
  await ask(aws.endpoint, { kind: "log-volume", stepMs: 3_000 });
  await ask(aws.endpoint, { kind: "log-volume", stepMs: 3_000, baseline });
  const bins = double.started.map(({ queryString: text }) => /bin\((\d+s)\)/.exec(text)?.[1]);
  expect(bins).toEqual(["3s", "3s", "60s", "60s"]);
});

it("asks 50 groups at a time, and all of them", async () => {
  const groups = Array.from({ length: 120 }, (_, i) => `/ecs/s${i}`);
  const double = insights(groups, rowsOf);
  await using aws = await awsDouble(double.reply);
  await ask(aws.endpoint, { kind: "log-search" });
  expect(double.started.map(({ logGroupNames: all }) => all.length)).toEqual([50, 50, 20]);
});

it("names groups by ARN where one is given so, as groups of another account must be", async () => {
  await using aws = await awsDouble(insights([], rowsOf).reply);
  const logGroups = ["arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/pay:*", "/ecs/checkout"];
  const outcome = await ask(aws.endpoint, { kind: "log-search", services: ["pay"] }, { logGroups });
  expect(outcome.kind).toBe("data");
  const asked = aws.requests.find(({ operation }) => operation === "StartQuery")?.body;
  expect(asked?.logGroupIdentifiers).toEqual([
    "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/pay",
  ]);
  expect(asked?.logGroupNames).toBeUndefined();
});

it("splits the window of a query that times out, and says so when that does not help", async () => {
  const double = insights(["g"], (asked) =>
    asked.startTime * 1_000 === window.from && double.started.length === 1
      ? "Timeout"
      : rowsOf(asked),
  );
  await using aws = await awsDouble(double.reply);
  const outcome = await ask(aws.endpoint, { kind: "log-search" });
  expect(outcome.kind).toBe("data");
  expect(double.started.map((asked) => asked.startTime * 1_000)).toEqual([
    window.from,
    window.from,
    window.from + 5 * minute,
  ]);
  await using slow = await awsDouble(insights(["g"], () => "Timeout").reply);
  const failed = await ask(slow.endpoint, { kind: "log-search" });
  expect(failed).toMatchObject({ kind: "failed", reason: "timed-out" });
});

it("stops the queries that nobody waits for any longer", async () => {
  await using aws = await awsDouble(insights(["g"], () => "Running").reply);
  const deadline = systemClock.now() + 400;
  const outcome = await ask(aws.endpoint, { kind: "log-search" }, {}, { deadline });
  expect(outcome).toMatchObject({ kind: "failed", reason: "timed-out" });
  await expect.poll(() => aws.count("StopQuery")).toBe(1);
});

it("keeps the services it could mine when another fails, and does not call it quiet", async () => {
  const double = insights(["/ecs/checkout", "/ecs/payment"], rowsOf);
  await using aws = await awsDouble((request) =>
    request.operation === "StartQuery" &&
    Number(request.body.startTime) * 1_000 < window.from &&
    String(request.body.logGroupNames).includes("payment")
      ? fault("MalformedQueryException")
      : double.reply(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "log-patterns", baseline });
  const rows = outcome.kind === "data" ? readLogPatterns(outcome.frame) : [];
  // Its window was read, its baseline was not: shown alone it would look all new.
  expect([...new Set(rows.map(({ service }) => service))]).toEqual(["checkout"]);
  expect(outcome.kind === "data" && outcome.gaps).toMatchObject([
    { what: "log patterns of payment", effect: "what it wrote, new or as usual, is not known" },
  ]);
});

it("mines the services with most failing lines when none is named, and says which it left", async () => {
  const groups = Array.from({ length: 20 }, (_, i) => `/ecs/s${i}`);
  const double = insights(groups, (asked) =>
    asked.queryString.includes("by @log")
      ? groups.map((group, i) => ({
          "@log": `123456789012:${group}`,
          lines: asked.queryString.startsWith("filter") ? String(i) : "100",
        }))
      : rowsOf(asked),
  );
  await using aws = await awsDouble(double.reply);
  const more = { patternServices: 3 };
  const outcome = await ask(aws.endpoint, { kind: "log-patterns", baseline }, more);
  const rows = outcome.kind === "data" ? readLogPatterns(outcome.frame) : [];
  expect([...new Set(rows.map(({ service }) => service))].sort()).toEqual(["s17", "s18", "s19"]);
  expect(double.started).toHaveLength(2 + 6);
  expect(outcome.kind === "data" && outcome.gaps[0]?.what).toBe("log patterns of 17 services");
  expect(outcome.provenance.truncated).toBe(true);
  await ask(aws.endpoint, { kind: "log-patterns", services: ["s0"], baseline }, more);
  expect(double.started.at(-1)?.logGroupNames).toEqual(["/ecs/s0"]);
});

it("searches the other groups when fifty of them fail, and names these", async () => {
  const groups = Array.from({ length: 60 }, (_, i) => `/ecs/s${i}`);
  const double = insights(groups, rowsOf);
  await using aws = await awsDouble((request) =>
    request.operation === "StartQuery" && (request.body.logGroupNames as string[]).length === 50
      ? fault("AccessDeniedException")
      : double.reply(request),
  );
  for (const query of [{ kind: "log-search" }, { kind: "log-volume", stepMs: minute }] as const) {
    const outcome = await ask(aws.endpoint, query);
    expect(outcome.kind).toBe("data");
    expect(outcome.kind === "data" && outcome.gaps[0]?.what).toBe(
      "the log groups /ecs/s0, /ecs/s1, /ecs/s2 and 47 more",
    );
  }
});

it("fetches whole what Logs Insights cut, and says what it could not fetch", async () => {
  const whole = `${"x".repeat(3_000)} the end`;
  const double = insights(["g"], () =>
    [1, 2].map((n) => ({
      "@timestamp": time(window.from + n * minute),
      "@message": whole.slice(0, 1_000),
      "@log": log,
      "@ptr": String(n),
    })),
  );
  await using aws = await awsDouble((request) => {
    if (request.operation !== "GetLogRecord") return double.reply(request);
    return request.body.logRecordPointer === "1"
      ? answer({ logRecord: { "@message": whole } })
      : fault("AccessDeniedException");
  });
  const outcome = await ask(aws.endpoint, { kind: "log-search" });
  const lines = outcome.kind === "data" ? readLogLines(outcome.frame) : [];
  expect(lines.map(({ body }) => body.length)).toEqual([1_000, whole.length]);
  expect(outcome.kind === "data" && outcome.gaps[0]).toMatchObject({
    what: "the ends of 1 long lines",
  });
  expect(outcome.kind === "data" && outcome.gaps[0]?.why).toContain('"Action":"logs:GetLogRecord"');
});

it("says that aggregates of several queries are not added up", async () => {
  const groups = Array.from({ length: 60 }, (_, i) => `/ecs/s${i}`);
  await using aws = await awsDouble(insights(groups, rowsOf).reply);
  const text = "stats count(*) as lines by bin(5m)";
  const outcome = await ask(aws.endpoint, { kind: "native", source: "logs", text });
  expect(outcome.kind === "data" && outcome.gaps[0]?.what).toBe("the rows of 2 queries");
});

it("counts what timed-out queries scanned, and ends when they scanned what was left", async () => {
  let polls = 0;
  const double = insights(["g"], rowsOf);
  const reply = (request: AwsRequest): AwsReply => {
    if (request.operation !== "GetQueryResults") return double.reply(request);
    polls += 1;
    const status = polls === 1 ? "Timeout" : "Complete";
    return answer({ status, results: [], statistics: { bytesScanned: 4_000 } });
  };
  await using aws = await awsDouble(reply);
  const outcome = await ask(aws.endpoint, { kind: "log-search" });
  expect(outcome.provenance.bytesScanned).toBe(12_000);
  polls = 0;
  const cut = await ask(aws.endpoint, { kind: "log-search" }, {}, { bytesMax: 7_000 });
  expect(cut).toMatchObject({ kind: "failed", reason: "too-big" });
  expect(cut.provenance.bytesScanned).toBeGreaterThanOrEqual(8_000);
});

it("waits for a place when people take all of the account's", async () => {
  const double = insights(["g"], rowsOf);
  let refusals = 1;
  await using aws = await awsDouble((request) =>
    request.operation === "StartQuery" && refusals-- > 0
      ? fault("LimitExceededException")
      : double.reply(request),
  );
  expect((await ask(aws.endpoint, { kind: "log-search" })).kind).toBe("data");
});

it("runs no more queries at once than it may", async () => {
  const groups = Array.from({ length: 400 }, (_, i) => `/ecs/s${i}`);
  let running = 0;
  let most = 0;
  const double = insights(groups, rowsOf);
  await using aws = await awsDouble((request) => {
    if (request.operation === "StartQuery") most = Math.max(most, ++running);
    if (request.operation === "GetQueryResults") {
      // None is done before as many run as may.
      if (running < 3 && double.started.length < 8) return answer({ status: "Running" });
      running -= 1;
    }
    return double.reply(request);
  });
  await ask(aws.endpoint, { kind: "log-search" }, { queriesAtOnce: 3 });
  expect([most, double.started.length]).toEqual([3, 8]);
});

it("runs no more queries at once in an account, whichever of its sources ask", async () => {
  let running = 0;
  let most = 0;
  let begun = 0;
  const double = insights(["/ecs/a"], rowsOf);
  await using aws = await awsDouble((request) => {
    if (request.operation === "StartQuery") {
      begun += 1;
      most = Math.max(most, ++running);
    }
    if (request.operation === "GetQueryResults") {
      if (running < 2 && begun < 6) return answer({ status: "Running" });
      running -= 1;
    }
    return double.reply(request);
  });
  const sources = await Promise.all(
    [9, 2].map((queriesAtOnce) => open(aws.endpoint, { queriesAtOnce })),
  );
  const texts = ["one", "two", "three"];
  const reads = sources.flatMap((source) =>
    texts.map((text) => source.run({ kind: "log-search", text }, window, freeContext())),
  );
  const kinds = (await Promise.all(reads)).map(({ kind }) => kind);
  for (const source of sources) await source.close();
  expect(kinds).toEqual(texts.flatMap(() => ["data", "data"]));
  expect([most, begun]).toEqual([2, 6]);
});

it("stops its queries when the asker goes away", async () => {
  await using aws = await awsDouble(insights(["g"], () => "Running").reply);
  const gone = new AbortController();
  const reading = ask(aws.endpoint, { kind: "log-search" }, {}, { signal: gone.signal });
  await expect.poll(() => aws.count("GetQueryResults")).toBeGreaterThan(0);
  gone.abort();
  expect(await reading).toMatchObject({ kind: "failed", reason: "cancelled" });
  await expect.poll(() => aws.count("StopQuery")).toBe(1);
});

it("ends a query that scans more than is left", async () => {
  const outcome = await ask(served.endpoint, { kind: "log-search" }, {}, { bytesMax: 999 });
  expect(outcome).toMatchObject({ kind: "failed", reason: "too-big" });
});

it.each([
  ["LimitExceededException", "throttled", "logs:StartQuery is throttled"],
  ["AccessDeniedException", "denied", '"Action":"logs:StartQuery"'],
  ["MalformedQueryException", "malformed", "AWS does not accept"],
])("answers %s as a failure, never as no lines", async (name, reason, words) => {
  const { reply } = insights(["g"], rowsOf);
  await using aws = await awsDouble((request) =>
    request.operation === "StartQuery" ? fault(name) : reply(request),
  );
  const outcome: Outcome = await ask(aws.endpoint, { kind: "log-search" });
  expect(outcome).toMatchObject({ kind: "failed", reason });
  expect(outcome.kind === "failed" && outcome.message).toContain(words);
});

it.runIf(isMotoThere)(
  `reads lines of an independent implementation${motoNote}`,
  async () => {
    const moto = await startMoto();
    try {
      const client = new CloudWatchLogsClient({ region, endpoint: moto.endpoint });
      const own = { logGroupName: "/ecs/payment", logStreamName: "s" };
      await client.send(new CreateLogGroupCommand({ logGroupName: own.logGroupName }));
      await client.send(new CreateLogStreamCommand(own));
      const logEvents = [{ timestamp: window.from + minute, message: "ERROR gateway refused" }];
      await client.send(new PutLogEventsCommand({ ...own, logEvents }));
      client.destroy();
      const outcome = await ask(moto.endpoint, { kind: "log-search" });
      const lines = outcome.kind === "data" ? readLogLines(outcome.frame) : [];
      expect(lines).toMatchObject([
        { service: "payment", severity: "error", timestamp: window.from + minute },
      ]);
    } finally {
      moto.stop();
    }
  },
  60_000,
);
