import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "../core/outcome.ts";
import type { SignalQuery } from "../core/query.ts";
import { readSeries } from "../core/row-readers.ts";
import { systemClock } from "../platform/clock.ts";
import { cloudwatchMetrics } from "./cloudwatch-metrics.ts";
import { freeContext } from "./testing/ask.ts";
import { type AwsReply, type AwsRequest, answer, awsDouble, fault } from "./testing/aws-double.ts";
import { fakeAwsCredentials, isMotoThere, type Moto, motoNote, startMoto } from "./testing/moto.ts";
import { sourceConformance } from "./testing/source-conformance.ts";

fakeAwsCredentials(process.env);
const region = "eu-west-1";
const minute = 60_000;
const now = Math.floor(systemClock.now() / minute) * minute;
const window = { from: now - 30 * minute, to: now };
const baseline = { from: now - 90 * minute, to: window.from };

async function ask(endpoint: string, query: SignalQuery, more: object = {}, context = {}) {
  const settings = cloudwatchMetrics.settings.parse({ region, endpoint, ...more });
  const source = await cloudwatchMetrics.open("cloudwatch", settings);
  try {
    return await source.run(query, window, { ...freeContext(), ...context });
  } finally {
    await source.close();
  }
}

describe.runIf(isMotoThere)(
  `CloudWatch metrics on an independent implementation${motoNote}`,
  () => {
    let moto: Moto;
    beforeAll(async () => {
      moto = await startMoto();
      const client = new CloudWatchClient({ region, endpoint: moto.endpoint });
      for (let at = baseline.from; at < window.to; at += minute) {
        const put = (
          Namespace: string,
          MetricName: string,
          Name: string,
          v: string,
          Value: number,
        ) =>
          client.send(
            new PutMetricDataCommand({
              Namespace,
              MetricData: [
                {
                  MetricName,
                  Dimensions: [{ Name, Value: v }],
                  Timestamp: new Date(at),
                  Value,
                },
              ],
            }),
          );
        const isBad = at >= window.from;
        await put("AWS/Lambda", "Errors", "FunctionName", "checkout", isBad ? 40 : 1);
        await put("Shop", "OrdersPlaced", "Service", "checkout", isBad ? 2 : 20);
      }
      client.destroy();
    }, 60_000);
    afterAll(() => moto?.stop());

    sourceConformance("CloudWatch metrics", {
      open: () =>
        cloudwatchMetrics.open(
          "cloudwatch",
          cloudwatchMetrics.settings.parse({ region, endpoint: moto.endpoint }),
        ),
      window,
      baseline,
      emptyWindow: { from: now - 600 * 86_400_000, to: now - 599 * 86_400_000 },
      isAws: true,
      expected: ["metric-list", "metric-series"],
      now: systemClock.now,
    });

    it("reads window and baseline with the right statistic, unit, layer and service", async () => {
      const more = { businessMetrics: ["OrdersPlaced"] };
      const outcome = await ask(moto.endpoint, { kind: "metric-series", baseline }, more);
      const series = seriesOf(outcome);
      const errors = series.find((each) => each.metric === "Errors");
      expect(errors).toMatchObject({
        service: "checkout",
        resource: null,
        unit: "count",
        layer: "application",
        metricKind: "gauge",
      });
      expect(errors?.points.times.length).toBe(90);
      expect(errors?.points.values.at(0)).toBe(1);
      expect(errors?.points.values.at(-1)).toBe(40);
      const orders = series.find((each) => each.metric === "OrdersPlaced");
      expect(orders).toMatchObject({ service: "checkout", layer: "business" });
      expect(outcome.provenance.query).toContain("period 60 s");
      expect(outcome.provenance.query).toContain("Sum of OrdersPlaced, Errors");
      expect(outcome.provenance.link).toContain("https://eu-west-1.console.aws.amazon.com/");
      expect(outcome.provenance.region).toBe(region);
    });
  },
);

describe("CloudWatch metrics at the wire", () => {
  const lambda = (name: string, metric = "Errors") => ({
    Namespace: "AWS/Lambda",
    MetricName: metric,
    Dimensions: [{ Name: "FunctionName", Value: name }],
  });
  const listed = (metrics: readonly object[]) => (request: AwsRequest) =>
    request.body.RecentlyActive || !request.body.Namespace ? metrics : [];
  const serve =
    (metrics: readonly object[], data: (request: AwsRequest) => AwsReply) =>
    (request: AwsRequest): AwsReply =>
      request.operation === "ListMetrics"
        ? answer({ Metrics: listed(metrics)(request) })
        : data(request);
  const queriesIn = (request: AwsRequest) =>
    request.body.MetricDataQueries as {
      Id: string;
      MetricStat: { Metric: { MetricName: string }; Stat: string; Period: number; Unit?: string };
    }[];
  const at = (ms: number) => ms / 1_000;
  const complete = (request: AwsRequest): AwsReply =>
    answer({
      MetricDataResults: queriesIn(request).map(({ Id }) => ({
        Id,
        StatusCode: "Complete",
        Timestamps: [at(window.from)],
        Values: [1],
      })),
    });

  it("asks for at most 500 series at a time and for all of them", async () => {
    const metrics = Array.from({ length: 1_201 }, (_, i) => lambda(`f${i}`));
    await using aws = await awsDouble(serve(metrics, complete));
    const outcome = await ask(aws.endpoint, { kind: "metric-series" });
    expect(seriesOf(outcome)).toHaveLength(1_201);
    const sizes = aws.requests
      .filter(({ operation }) => operation === "GetMetricData")
      .map((request) => queriesIn(request).length);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([201, 500, 500]);
  });

  it("follows every page of a list and of data", async () => {
    await using aws = await awsDouble((request) => {
      const { NextToken: token } = request.body;
      if (request.operation === "ListMetrics") {
        if (request.body.Namespace) return answer({ Metrics: [] });
        return answer({
          Metrics: [lambda(token ? "b" : "a")],
          ...(token ? {} : { NextToken: "2" }),
        });
      }
      const time = at(window.from + (token ? minute : 0));
      const results = queriesIn(request).map(({ Id }) => ({
        Id,
        StatusCode: token ? "Complete" : "PartialData",
        Timestamps: [time],
        Values: [7],
      }));
      return answer({ MetricDataResults: results, ...(token ? {} : { NextToken: "2" }) });
    });
    const outcome = await ask(aws.endpoint, { kind: "metric-series" });
    const series = seriesOf(outcome);
    expect(series.map(({ service }) => service)).toEqual(["a", "b"]);
    expect(series.map(({ points }) => points.values.length)).toEqual([2, 2]);
    expect(outcome).toMatchObject({ kind: "data", gaps: [] });
  });

  it("says what CloudWatch returned in part, and never reads that as nothing", async () => {
    const partial = (values: readonly number[]) => (request: AwsRequest) =>
      answer({
        MetricDataResults: queriesIn(request).map(({ Id }) => ({
          Id,
          StatusCode: "PartialData",
          Timestamps: values.map(() => at(window.from)),
          Values: values,
        })),
        Messages: [{ Code: "ArithmeticError", Value: "one or more data points dropped" }],
      });
    await using some = await awsDouble(serve([lambda("a")], partial([3])));
    const outcome = await ask(some.endpoint, { kind: "metric-series" });
    expect(outcome.kind).toBe("data");
    expect(outcome.kind === "data" && outcome.gaps.map(({ why }) => why)).toEqual([
      "status PartialData: CloudWatch returned them in part or not at all",
      "CloudWatch says ArithmeticError: one or more data points dropped",
    ]);
    await using none = await awsDouble(serve([lambda("a")], partial([])));
    const failed = await ask(none.endpoint, { kind: "metric-series" });
    expect(failed).toMatchObject({ kind: "failed", reason: "unavailable", retryable: true });
  });

  it("keeps what it has when one of the calls is refused, and names the rest", async () => {
    const metrics = Array.from({ length: 501 }, (_, i) => lambda(`f${i}`));
    await using aws = await awsDouble(
      serve(metrics, (request) =>
        queriesIn(request).length === 1 ? fault("AccessDeniedException", 403) : complete(request),
      ),
    );
    const outcome = await ask(aws.endpoint, { kind: "metric-series" });
    expect(seriesOf(outcome)).toHaveLength(500);
    expect(outcome.kind === "data" && outcome.gaps[0]?.why).toContain(
      '{"Effect":"Allow","Action":"cloudwatch:GetMetricData","Resource":"*"}',
    );
  });

  it("reads metrics of one point per day by the day, though they are not recently active", async () => {
    const bucket = {
      Namespace: "AWS/S3",
      MetricName: "BucketSizeBytes",
      Dimensions: [{ Name: "BucketName", Value: "orders" }],
    };
    await using aws = await awsDouble((request) => {
      if (request.operation === "ListMetrics") {
        const isAsked = request.body.Namespace === "AWS/S3" && !request.body.RecentlyActive;
        return answer({ Metrics: isAsked ? [bucket] : [] });
      }
      const period = queriesIn(request)[0]?.MetricStat.Period;
      const midnight = Math.floor(now / 86_400_000) * 86_400;
      const Timestamps = period === 86_400 ? [midnight - 86_400, midnight] : [];
      return answer({
        MetricDataResults: [{ Id: "m0", StatusCode: "Complete", Timestamps, Values: [5, 6] }],
      });
    });
    const outcome = await ask(aws.endpoint, { kind: "metric-series" });
    expect(seriesOf(outcome)[0]?.points.values).toEqual(Float64Array.of(5, 6));
    expect(outcome.provenance.query).toContain("1 daily metrics by the day, 2 days back");
  });

  it("reads a percentile that is not kept as an average", async () => {
    await using aws = await awsDouble(
      serve([lambda("a", "Duration")], (request) =>
        queriesIn(request)[0]?.MetricStat.Stat === "Average"
          ? complete(request)
          : answer({ MetricDataResults: [{ Id: "m0", StatusCode: "Complete" }] }),
      ),
    );
    const outcome = await ask(aws.endpoint, { kind: "metric-series" });
    expect(outcome.provenance.query).toContain("statistics Average of Duration");
  });

  it("reads the account's own metrics every ten seconds where they are kept so", async () => {
    const own = { Namespace: "Shop", MetricName: "orders", Dimensions: [] };
    await using aws = await awsDouble(serve([own, lambda("checkout")], complete));
    const outcome = await ask(aws.endpoint, { kind: "metric-series" });
    const periods = aws.requests
      .filter(({ operation }) => operation === "GetMetricData")
      .flatMap(queriesIn)
      .flatMap(({ MetricStat: { Period, Stat, Unit } }) => (Unit ? [] : `${Stat} ${Period}`));
    expect(periods.toSorted()).toEqual(["Sum 10", "Sum 60"]);
    expect(seriesOf(outcome)).toHaveLength(2);
    expect(outcome.provenance.query).toContain("1 of the account's own every 10 s");
  });

  it("tells the unit that each name was sent in by one call for all, and none of several", async () => {
    const names = ["wait", "weight", "mixed"];
    const own = names.map((MetricName) => ({ Namespace: "Shop", MetricName, Dimensions: [] }));
    const sent = { wait: ["Milliseconds"], weight: ["Kilobytes"], mixed: ["Count", "Percent"] };
    await using aws = await awsDouble(
      serve(own, (request) => {
        const results = queriesIn(request).map(({ Id, MetricStat: { Metric, Unit } }) => {
          const units = sent[Metric.MetricName as keyof typeof sent];
          const isSent = Unit === undefined || units.includes(Unit);
          const points = isSent ? { Timestamps: [at(window.from)], Values: [1] } : {};
          return { Id, StatusCode: "Complete", ...points };
        });
        return answer({ MetricDataResults: results });
      }),
    );
    const outcome = await ask(aws.endpoint, { kind: "metric-series" });
    expect(seriesOf(outcome).map(({ metric, unit }) => [metric, unit])).toEqual([
      ["wait", "ms"],
      ["weight", "Kilobytes"],
      ["mixed", null],
    ]);
    expect(aws.count("GetMetricData")).toBe(2);
  });

  it("keeps the other series when percentiles are refused", async () => {
    await using aws = await awsDouble(
      serve([lambda("checkout"), lambda("checkout", "Duration")], (request) =>
        queriesIn(request).some(({ MetricStat: { Stat } }) => Stat.startsWith("p"))
          ? fault("ValidationError")
          : complete(request),
      ),
    );
    const outcome = await ask(aws.endpoint, { kind: "metric-series" });
    expect(seriesOf(outcome).map(({ metric }) => metric)).toEqual(["Errors", "Duration"]);
    expect(outcome.kind === "data" && outcome.gaps.length).toBe(1);
  });

  it("is empty only when everything was read and holds nothing", async () => {
    const blank = answer({ MetricDataResults: [{ Id: "m0", StatusCode: "Complete" }] });
    await using aws = await awsDouble(serve([lambda("a")], () => blank));
    const outcome = await ask(aws.endpoint, { kind: "metric-series" });
    expect(outcome).toMatchObject({
      kind: "empty",
      reasons: ["1 metrics exist, but none has a point in this time"],
    });
  });

  it("evaluates Metrics Insights and gives each group its own series", async () => {
    await using aws = await awsDouble(() =>
      answer({
        MetricDataResults: ["i-1", "i-2"].map((Label) => ({
          Id: "q1",
          Label,
          StatusCode: "Complete",
          Timestamps: [at(window.from)],
          Values: [90],
        })),
      }),
    );
    const text =
      'SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId';
    const outcome = await ask(aws.endpoint, { kind: "native", source: "cloudwatch", text });
    expect(seriesOf(outcome).map(({ metric }) => metric)).toEqual(["i-1", "i-2"]);
  });

  it("says at which period an expression was read, and links to the same expression", async () => {
    await using aws = await awsDouble(() =>
      answer({
        MetricDataResults: [
          { Id: "q1", Label: "rate", Timestamps: [at(window.from)], Values: [2] },
        ],
      }),
    );
    const text = `errors = AWS/Lambda | Errors | FunctionName=checkout, Resource=a=b | p99.9
calls = AWS/Lambda | Invocations | FunctionName=checkout | Sum
100 * errors / calls`;
    const outcome = await ask(aws.endpoint, { kind: "native", source: "cloudwatch", text });
    expect(aws.requests[0]?.body.MetricDataQueries).toMatchObject([
      {
        Id: "errors",
        ReturnData: false,
        MetricStat: {
          Metric: {
            Namespace: "AWS/Lambda",
            MetricName: "Errors",
            Dimensions: [
              { Name: "FunctionName", Value: "checkout" },
              { Name: "Resource", Value: "a=b" },
            ],
          },
          Period: 60,
          Stat: "p99.9",
        },
      },
      { Id: "calls", ReturnData: false },
      { Id: "q1", Expression: "100 * errors / calls", Period: 60 },
    ]);
    expect(seriesOf(outcome)[0]?.points.values).toEqual(Float64Array.of(2));
    expect(outcome.provenance.query).toContain("# period 60 s");
    expect(outcome.provenance.link).toContain("metricsV2:graph=");
  });

  it("picks the worst of more metrics than one read takes, and reads these", async () => {
    const metrics = Array.from({ length: 60 }, (_, i) => lambda(`f${i}`));
    await using aws = await awsDouble(
      serve(metrics, (request) => {
        const [first] = request.body.MetricDataQueries as { Id: string; Expression?: string }[];
        if (!first?.Expression) return complete(request);
        const worst = ["f59", "f41", "gone"].map((Label) => ({
          ...{ Id: first.Id, Label, StatusCode: "Complete" },
          ...{ Timestamps: [at(window.from)], Values: [9] },
        }));
        return answer({ MetricDataResults: worst });
      }),
    );
    const outcome = await ask(aws.endpoint, { kind: "metric-series" }, { seriesMax: 20 });
    const services = seriesOf(outcome).map(({ service }) => service);
    expect(services).toHaveLength(20);
    expect(services).toEqual(expect.arrayContaining(["f0", "f41", "f59"]));
    expect(outcome.provenance.query).toContain(
      '2 of them picked by SELECT SUM("Errors") FROM SCHEMA("AWS/Lambda", "FunctionName") ' +
        'GROUP BY "FunctionName" ORDER BY SUM() DESC LIMIT 25',
    );
    expect(outcome.provenance.truncated).toBe(true);
  });

  it("reads on without the worst when they cannot be picked, and says so", async () => {
    const metrics = Array.from({ length: 60 }, (_, i) => lambda(`f${i}`));
    await using aws = await awsDouble(
      serve(metrics, (request) => {
        const [first] = request.body.MetricDataQueries as { Expression?: string }[];
        return first?.Expression ? fault("ValidationError") : complete(request);
      }),
    );
    const outcome = await ask(aws.endpoint, { kind: "metric-series" }, { seriesMax: 20 });
    expect(seriesOf(outcome)).toHaveLength(20);
    expect(outcome.kind === "data" && outcome.gaps[0]?.what).toBe(
      "the worst of 40 CloudWatch metrics",
    );
  });

  it("lists namespaces side by side, each page by page", async () => {
    const namespaces = ["AWS/Lambda", "AWS/SQS", "Shop"];
    let waiting = 0;
    const all = Promise.withResolvers<void>();
    await using aws = await awsDouble(async (request) => {
      const page = Number(request.body.NextToken ?? 0);
      // No first page is answered before all of them are asked: one after another would hang.
      if (page === 0 && ++waiting === namespaces.length) all.resolve();
      if (page === 0) await all.promise;
      const next = page < 2 ? { NextToken: String(page + 1) } : {};
      return answer({
        Metrics: [{ ...lambda(`f${page}`), Namespace: String(request.body.Namespace) }],
        ...next,
      });
    });
    const outcome = await ask(aws.endpoint, { kind: "metric-list" }, { namespaces });
    expect(seriesOf(outcome)).toHaveLength(9);
  });

  it.each([
    ["ThrottlingException", 400, "throttled", "cloudwatch:ListMetrics is throttled by AWS"],
    ["AccessDenied", 403, "denied", '"Action":"cloudwatch:ListMetrics"'],
    ["ExpiredTokenException", 403, "denied", "The AWS credentials have expired; sign in again."],
    ["UnrecognizedClientException", 403, "denied", "There are no usable AWS credentials"],
    ["InternalServiceFault", 500, "unavailable", "cloudwatch:ListMetrics failed"],
    ["ValidationError", 400, "malformed", "AWS does not accept"],
  ])("answers %s as a failure that says what to do", async (name, status, reason, words) => {
    await using aws = await awsDouble(() => fault(name, status));
    const outcome = await ask(aws.endpoint, { kind: "metric-series" });
    expect(outcome).toMatchObject({ kind: "failed", reason });
    expect(outcome.kind === "failed" && outcome.message).toContain(words);
  });

  it("answers what is not AWS's as malformed", async () => {
    await using aws = await awsDouble(() => ({ kind: "text", text: "<html>proxy</html>" }));
    const outcome = await ask(aws.endpoint, { kind: "metric-list" });
    expect(outcome).toMatchObject({ kind: "failed", reason: "malformed" });
  });

  it("stops a call that hangs when its time is over", async () => {
    await using aws = await awsDouble(() => ({ kind: "silence" }));
    const deadline = systemClock.now() + 300;
    const outcome = await ask(aws.endpoint, { kind: "metric-list" }, {}, { deadline });
    expect(outcome).toMatchObject({ kind: "failed", reason: "timed-out" });
  });
});

function seriesOf(outcome: Outcome) {
  if (outcome.kind !== "data") throw new Error(JSON.stringify(outcome));
  return readSeries(outcome.frame);
}
