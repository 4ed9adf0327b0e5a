import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { expect, it } from "vitest";
import type { Outcome } from "../core/outcome.ts";
import type { AlarmsQuery } from "../core/query.ts";
import { readAlarms } from "../core/row-readers.ts";
import { toIso } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { cloudwatchAlarms } from "./cloudwatch-alarms.ts";
import { freeContext } from "./testing/ask.ts";
import { type AwsReply, type AwsRequest, answer, awsDouble, fault } from "./testing/aws-double.ts";
import { fakeAwsCredentials, isMotoThere, motoNote, startMoto } from "./testing/moto.ts";
import { sourceConformance } from "./testing/source-conformance.ts";

fakeAwsCredentials(process.env);
const region = "eu-west-1";
const minute = 60_000;
const now = Math.floor(systemClock.now() / minute) * minute;
const window = { from: now - 60 * minute, to: now };

const open = (endpoint: string, more: object = {}) =>
  cloudwatchAlarms.open("alarms", cloudwatchAlarms.settings.parse({ region, endpoint, ...more }));

async function ask(endpoint: string, query: Partial<AlarmsQuery> = {}, more = {}, at = window) {
  const source = await open(endpoint, more);
  try {
    return await source.run({ kind: "alarms", ...query }, at, freeContext());
  } finally {
    await source.close();
  }
}

const rowsOf = (outcome: Outcome) => {
  if (outcome.kind !== "data") throw new Error(JSON.stringify(outcome));
  return readAlarms(outcome.frame);
};

const metricAlarm = (name: string, more: object = {}) => ({
  AlarmName: name,
  StateValue: "ALARM",
  StateReason: "Threshold Crossed",
  StateTransitionedTimestamp: (now - 10 * minute) / 1_000,
  Namespace: "AWS/ApiGateway",
  MetricName: "Latency",
  ExtendedStatistic: "p99",
  Dimensions: [{ Name: "ApiName", Value: "checkout" }],
  Period: 300,
  EvaluationPeriods: 3,
  ...more,
});

const composite = (name: string, AlarmRule: string) => ({
  AlarmName: name,
  StateValue: "ALARM",
  StateReason: "a child fires",
  StateTransitionedTimestamp: (now - 9 * minute) / 1_000,
  AlarmRule,
});

/** One change of state, as DescribeAlarmHistory has it. */
const change = (name: string, minutesAgo: number, from: string, to: string, isPlain = false) => ({
  AlarmName: name,
  Timestamp: (now - minutesAgo * minute) / 1_000,
  HistoryItemType: "StateUpdate",
  HistorySummary: `Alarm updated from ${from} to ${to}`,
  ...(isPlain
    ? {}
    : {
        HistoryData: JSON.stringify({
          version: "1.0",
          oldState: { stateValue: from },
          newState: { stateValue: to },
        }),
      }),
});

interface Account {
  readonly metric?: readonly ReturnType<typeof metricAlarm>[];
  readonly composite?: readonly ReturnType<typeof composite>[];
  readonly history?: readonly ReturnType<typeof change>[];
}

/** DescribeAlarms and DescribeAlarmHistory, which leave composite alarms out unless asked. */
const account =
  ({ metric = [], composite: both = [], history = [] }: Account) =>
  ({ operation, body }: AwsRequest): AwsReply => {
    const types = (body.AlarmTypes ?? ["MetricAlarm"]) as string[];
    const names = body.AlarmNames as string[] | undefined;
    const named = <T extends { AlarmName: string }>(all: readonly T[]) =>
      all.filter(({ AlarmName }) => names?.includes(AlarmName) ?? true);
    if (operation === "DescribeAlarms") {
      return answer({
        MetricAlarms: types.includes("MetricAlarm") ? named(metric) : [],
        CompositeAlarms: types.includes("CompositeAlarm") ? named(both) : [],
      });
    }
    const from = Number(body.StartDate);
    const items = history.filter(
      ({ AlarmName, Timestamp }) =>
        Timestamp >= from && (body.AlarmName ?? AlarmName) === AlarmName,
    );
    return answer({ AlarmHistoryItems: items });
  };

const ordinary = account({
  metric: [
    metricAlarm("latency"),
    metricAlarm("quiet", { StateValue: "OK", StateTransitionedTimestamp: (now - 9e9) / 1_000 }),
  ],
  composite: [composite("checkout is bad", "ALARM(latency)")],
  history: [change("latency", 10, "OK", "ALARM")],
});
const served = await awsDouble(ordinary);

sourceConformance("CloudWatch alarms", {
  open: () => open(served.endpoint),
  window,
  baseline: { from: now - 120 * minute, to: window.from },
  emptyWindow: { from: now + 10 * minute, to: now + 20 * minute },
  isAws: true,
  expected: ["alarms"],
  now: systemClock.now,
});

it("says what an alarm watches with its percentile, and the time worth looking at", async () => {
  const outcome = await ask(served.endpoint);
  const rows = rowsOf(outcome);
  expect(rows.map(({ name }) => name)).toEqual(["checkout is bad", "latency"]);
  expect(rows[1]).toMatchObject({
    service: "checkout",
    state: "firing",
    since: now - 10 * minute,
    metric: "p99 Latency",
    firings: 1,
    isFlapping: false,
    // Five times three periods of five minutes before it fired, two periods after.
    suggested: { from: now - 85 * minute, to: now },
  });
  expect(rows[0]).toMatchObject({ children: ["latency"], service: "checkout" });
  expect(rows[0]?.suggested).toEqual(rows[1]?.suggested);
  const { link = "" } = outcome.provenance;
  expect(link).toContain(
    "eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#metrics",
  );
  expect(link).toContain("Latency");
  expect(link).toContain(`start~%27${toIso(window.from).replaceAll(":", "*3a")}`);
});

it("expands a composite alarm through its children, and ends where they form a ring", async () => {
  await using aws = await awsDouble(
    account({
      metric: [metricAlarm("errors"), metricAlarm("other")],
      composite: [
        composite("top", 'ALARM("middle") AND NOT OK(errors)'),
        composite("middle", "ALARM(top) OR ALARM(errors)"),
      ],
    }),
  );
  const rows = rowsOf(await ask(aws.endpoint, { names: ["top"] }));
  expect(rows.map(({ name }) => name).sort()).toEqual(["errors", "middle", "top"]);
  expect(aws.count("DescribeAlarms")).toBe(2);
  expect(rows.find(({ name }) => name === "top")?.service).toBe("checkout");
});

it("tells flapping from the history, where an alarm fires again soon after", async () => {
  const history = [50, 40, 30].flatMap((ago) => [
    change("latency", ago, "OK", "ALARM"),
    change("latency", ago - 5, "ALARM", "OK", true),
  ]);
  await using aws = await awsDouble(
    account({ metric: [metricAlarm("latency", { StateValue: "OK" })], history }),
  );
  const [row] = rowsOf(await ask(aws.endpoint));
  expect(row).toMatchObject({ state: "resolved", firings: 3, isFlapping: true });
  expect(row?.suggested?.from).toBe(now - (50 + 75) * minute);
});

it("tells the state at the end of a window in the past, not of today", async () => {
  const history = [change("latency", 90, "OK", "ALARM"), change("latency", 70, "ALARM", "OK")];
  await using aws = await awsDouble(
    account({ metric: [metricAlarm("latency", { StateValue: "OK" })], history }),
  );
  const past = { from: now - 120 * minute, to: now - 80 * minute };
  const [row] = rowsOf(await ask(aws.endpoint, {}, {}, past));
  expect(row).toMatchObject({ state: "firing", since: now - 90 * minute });
});

it("takes the period of a metric math alarm from its metrics", async () => {
  const alarm = {
    ...metricAlarm("rate"),
    MetricName: undefined,
    Namespace: undefined,
    ExtendedStatistic: undefined,
    Dimensions: undefined,
    Period: undefined,
    EvaluationPeriods: 1,
    Metrics: [
      { Id: "rate", Expression: "errors / calls", ReturnData: true },
      {
        Id: "errors",
        ReturnData: false,
        MetricStat: {
          Metric: {
            Namespace: "AWS/Lambda",
            MetricName: "Errors",
            Dimensions: [{ Name: "FunctionName", Value: "payment" }],
          },
          Period: 3_600,
          Stat: "Sum",
        },
      },
    ],
  };
  await using aws = await awsDouble(account({ metric: [alarm as never] }));
  const [row] = rowsOf(await ask(aws.endpoint));
  expect(row).toMatchObject({ service: "payment", metric: "errors / calls of Sum Errors" });
  expect(row?.suggested?.from).toBe(now - 10 * minute - 5 * 3_600_000);
});

it("follows every page, and says that it stopped when there are too many", async () => {
  await using aws = await awsDouble(({ operation, body }) => {
    if (operation !== "DescribeAlarms") return answer({ AlarmHistoryItems: [] });
    const page = Number(body.NextToken ?? 0);
    return answer({ MetricAlarms: [metricAlarm(`a${page}`)], NextToken: String(page + 1) });
  });
  const outcome = await ask(aws.endpoint);
  expect(rowsOf(outcome)).toHaveLength(50);
  expect(outcome.provenance.truncated).toBe(true);
});

it("keeps the alarms when their past is denied, and names the right that is missing", async () => {
  await using aws = await awsDouble((request) =>
    request.operation === "DescribeAlarmHistory" ? fault("AccessDenied", 403) : ordinary(request),
  );
  const outcome = await ask(aws.endpoint);
  expect(rowsOf(outcome)[0]?.firings).toBeNaN();
  expect(outcome.kind === "data" && outcome.gaps[0]?.why).toContain(
    '"Action":"cloudwatch:DescribeAlarmHistory"',
  );
});

it("says that there is no such alarm in this account and region", async () => {
  const outcome = await ask(served.endpoint, { names: ["elsewhere"] });
  expect(outcome).toMatchObject({
    kind: "empty",
    reasons: ["no alarm has this name in this account and region"],
  });
});

it.each([
  ["ThrottlingException", 400, "throttled", "cloudwatch:DescribeAlarms is throttled"],
  ["AccessDenied", 403, "denied", '"Action":"cloudwatch:DescribeAlarms"'],
  ["ExpiredTokenException", 403, "denied", "The AWS credentials have expired"],
])("answers %s as a failure, never as no alarms", async (name, status, reason, words) => {
  await using aws = await awsDouble(() => fault(name, status));
  const outcome = await ask(aws.endpoint);
  expect(outcome).toMatchObject({ kind: "failed", reason });
  expect(outcome.kind === "failed" && outcome.message).toContain(words);
});

it("answers what is not AWS's as malformed", async () => {
  await using aws = await awsDouble(() => ({ kind: "text", text: "<html>proxy</html>" }));
  expect(await ask(aws.endpoint)).toMatchObject({ kind: "failed", reason: "malformed" });
});

it.runIf(isMotoThere)(
  `reads alarms of an independent implementation, which knows no history${motoNote}`,
  async () => {
    const moto = await startMoto();
    try {
      const client = new CloudWatchClient({ region, endpoint: moto.endpoint });
      await client.send(
        new PutMetricAlarmCommand({
          AlarmName: "errors",
          Namespace: "AWS/Lambda",
          MetricName: "Errors",
          Dimensions: [{ Name: "FunctionName", Value: "checkout" }],
          Statistic: "Sum",
          Period: 60,
          EvaluationPeriods: 5,
          Threshold: 3,
          ComparisonOperator: "GreaterThanThreshold",
        }),
      );
      const StateReason = "Threshold Crossed";
      await client.send(
        new SetAlarmStateCommand({ AlarmName: "errors", StateValue: "ALARM", StateReason }),
      );
      client.destroy();
      const until = { from: window.from, to: systemClock.now() + minute };
      const outcome = await ask(moto.endpoint, { names: ["errors"] }, {}, until);
      const [row] = rowsOf(outcome);
      expect(row).toMatchObject({ service: "checkout", state: "firing", metric: "Sum Errors" });
      expect((row?.since ?? 0) - (row?.suggested?.from ?? 0)).toBe(25 * minute);
      expect(outcome.kind === "data" && outcome.gaps[0]?.what).toContain("the past of");
    } finally {
      moto.stop();
    }
  },
  60_000,
);
