import { expect, it } from "vitest";
import type { Outcome } from "../core/outcome.ts";
import type { SignalQuery } from "../core/query.ts";
import { readChanges, readSeries, readSlos, readTopology } from "../core/row-readers.ts";
import { toIso } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { applicationSignals } from "./application-signals.ts";
import { freeContext } from "./testing/ask.ts";
import { type AwsReply, type AwsRequest, answer, awsDouble, fault } from "./testing/aws-double.ts";
import { fakeAwsCredentials } from "./testing/moto.ts";
import { sourceConformance } from "./testing/source-conformance.ts";

fakeAwsCredentials(process.env);
const region = "eu-west-1";
const minute = 60_000;
const now = Math.floor(systemClock.now() / minute) * minute;
const window = { from: now - 60 * minute, to: now };

const open = (endpoint: string, more: object = {}) =>
  applicationSignals.open(
    "signals",
    applicationSignals.settings.parse({ region, endpoint, ...more }),
  );

async function ask(endpoint: string, query: SignalQuery, more = {}, at = window, context = {}) {
  const source = await open(endpoint, more);
  try {
    return await source.run(query, at, { ...freeContext(), ...context });
  } finally {
    await source.close();
  }
}

const frameOf = (outcome: Outcome) => {
  if (outcome.kind !== "data") throw new Error(JSON.stringify(outcome));
  return outcome.frame;
};

const entity = (Name: string) => ({ Type: "Service", Name, Environment: "eks:prod/default" });
const names = ["checkout", "payment"];
const deployed = {
  Timestamp: (now - 20 * minute) / 1_000,
  AccountId: "123456789012",
  Region: region,
  Entity: entity("payment"),
  ChangeEventType: "DEPLOYMENT",
  EventId: "4f0a",
  UserName: "deployer",
  EventName: "UpdateService",
};
const configured = {
  ...deployed,
  Timestamp: (now - 30 * minute) / 1_000,
  ChangeEventType: "CONFIGURATION",
  EventId: "Unknown",
  EventName: "UpdateFunctionConfiguration",
};

const arn = (name: string) => `arn:aws:application-signals:${region}:123456789012:slo/${name}`;
const rolling = { RollingInterval: { DurationUnit: "DAY", Duration: 30 } };
/** As the API reference has them: one objective on periods, one on requests. */
const reports = (isLate: boolean) => [
  {
    Arn: arn("available"),
    Name: "available",
    EvaluationType: "PeriodBased",
    BudgetStatus: isLate ? "BREACHED" : "OK",
    Attainment: 99.85,
    TotalBudgetSeconds: 2_592,
    // An hour of thirty days is 1/720: 36 s of 2,592 s in it is ten times too fast.
    BudgetSecondsRemaining: isLate ? -100 : -64,
    Goal: { Interval: rolling, AttainmentGoal: 99.9, WarningThreshold: 50 },
  },
  {
    Arn: arn("fast"),
    Name: "fast",
    EvaluationType: "RequestBased",
    BudgetStatus: "OK",
    Attainment: 99.5,
    TotalBudgetRequests: 1_000,
    BudgetRequestsRemaining: 750,
    Goal: { Interval: rolling, AttainmentGoal: 99 },
  },
];

/** Application Signals of a small shop. */
function account({ operation, body, search }: AwsRequest): AwsReply {
  // Seconds in a body, a time in words in an address.
  const given = search.get("StartTime");
  const from = given ? Date.parse(given) || Number(given) * 1_000 : Number(body.StartTime) * 1_000;
  const isThere = !(from < now - 200 * minute);
  const service = (body.KeyAttributes ?? body.Entity) as { Name: string } | undefined;
  const times = { StartTime: 0, EndTime: 1 };
  switch (operation) {
    case "services": {
      const ServiceSummaries = isThere
        ? names.map((name) => ({ KeyAttributes: entity(name), MetricReferences: [] }))
        : [];
      return answer({ ...times, ServiceSummaries });
    }
    case "service-dependencies": {
      const one = (DependencyKeyAttributes: object) => ({
        OperationName: "POST /orders",
        DependencyOperationName: "x",
        DependencyKeyAttributes,
        MetricReferences: [],
      });
      const table = {
        Type: "AWS::Resource",
        ResourceType: "AWS::DynamoDB::Table",
        Identifier: "orders",
      };
      const ServiceDependencies =
        service?.Name === "checkout" ? [one(entity("payment")), one(table)] : [];
      return answer({ ...times, ServiceDependencies });
    }
    case "service-operations": {
      const MetricReferences = ["Latency", "Fault"].map((MetricName) => ({
        Namespace: "ApplicationSignals",
        MetricType: MetricName.toUpperCase(),
        MetricName,
        Dimensions: [
          { Name: "Service", Value: service?.Name },
          { Name: "Operation", Value: "POST /orders" },
        ],
      }));
      return answer({
        ...times,
        ServiceOperations: [{ Name: "POST /orders", MetricReferences }],
      });
    }
    case "service/states":
      return answer({
        ...times,
        ServiceStates: isThere
          ? [
              { Service: entity("checkout"), LatestChangeEvents: [] },
              { Service: entity("payment"), LatestChangeEvents: [deployed] },
            ]
          : [],
      });
    case "events":
      return answer({ ...times, ChangeEvents: [deployed, configured, deployed] });
    case "slos":
      return answer({
        SloSummaries: ["available", "fast"].map((name) => ({
          Arn: arn(name),
          Name: name,
          KeyAttributes: entity("checkout"),
          OperationName: "POST /orders",
        })),
      });
    case "budget-report":
      return answer({
        Timestamp: body.Timestamp,
        Reports: reports(Number(body.Timestamp) * 1_000 >= now),
        Errors: [],
      });
    default:
      return fault("UnknownOperationException", 404);
  }
}

const served = await awsDouble(account);

sourceConformance("Application Signals", {
  open: () => open(served.endpoint),
  window,
  baseline: { from: now - 120 * minute, to: window.from },
  emptyWindow: { from: now - 600 * minute, to: now - 500 * minute },
  isAws: true,
  expected: ["metric-list", "topology", "changes", "slos"],
  now: systemClock.now,
});

it("reads objectives with what is left of their budgets, and how fast it burnt", async () => {
  const outcome = await ask(served.endpoint, { kind: "slos" });
  const [available, fast] = readSlos(frameOf(outcome));
  expect(available).toMatchObject({
    name: "available",
    service: "checkout",
    operation: "POST /orders",
    target: 0.999,
    state: "breached",
  });
  expect(available?.attained).toBeCloseTo(0.9985, 6);
  expect(available?.budgetLeft).toBeCloseTo(-100 / 2_592, 6);
  expect(available?.burnRate).toBeCloseTo(10, 6);
  expect(fast).toMatchObject({ budgetLeft: 0.75, burnRate: 0, state: "ok" });
  expect(outcome.provenance.link).toContain("AttainmentRate");
});

it("asks for objectives of every kind, and for budgets 50 at a time", async () => {
  await using aws = await awsDouble((request) =>
    request.operation === "slos"
      ? answer({
          SloSummaries: Array.from({ length: 60 }, (_, i) => ({
            Arn: arn(`s${i}`),
            Name: `s${i}`,
          })),
        })
      : request.operation === "budget-report"
        ? answer({ Timestamp: 0, Reports: [], Errors: [] })
        : account(request),
  );
  await ask(aws.endpoint, { kind: "slos" });
  const asked = (name: string) => aws.requests.filter(({ operation }) => operation === name);
  expect(asked("slos")[0]?.body.MetricSourceTypes).toEqual([
    "ServiceOperation",
    "CloudWatchMetric",
    "ServiceDependency",
  ]);
  const sizes = asked("budget-report").map(({ body }) => (body.SloIds as string[]).length);
  expect(sizes.sort()).toEqual([10, 10, 50, 50]);
});

it("says of which objective no budget is known, and why", async () => {
  const error = {
    Name: "fast",
    Arn: arn("fast"),
    ErrorCode: "InternalServiceException",
    ErrorMessage: "try again",
  };
  await using aws = await awsDouble((request) =>
    request.operation === "budget-report"
      ? answer({ Timestamp: 0, Reports: reports(true).slice(0, 1), Errors: [error] })
      : account(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "slos" });
  expect(readSlos(frameOf(outcome))).toHaveLength(1);
  expect(outcome.kind === "data" && outcome.gaps[0]).toMatchObject({
    what: "the objective fast",
    why: "InternalServiceException: try again",
  });
});

it("never calls an objective without data healthy", async () => {
  const blank = { Arn: arn("fast"), Name: "fast", BudgetStatus: "INSUFFICIENT_DATA" };
  await using aws = await awsDouble((request) =>
    request.operation === "budget-report"
      ? answer({ Timestamp: 0, Reports: [blank], Errors: [] })
      : account(request),
  );
  const [row] = readSlos(frameOf(await ask(aws.endpoint, { kind: "slos" })));
  expect(row).toMatchObject({ state: "unknown", budgetLeft: Number.NaN, burnRate: Number.NaN });
});

it("reads deployments and configurations of the services that changed, and of no other", async () => {
  await using aws = await awsDouble(account);
  const outcome = await ask(aws.endpoint, { kind: "changes" });
  expect(readChanges(frameOf(outcome))).toMatchObject([
    {
      kind: "deploy",
      service: "payment",
      ref: "4f0a",
      title: "UpdateService payment",
      author: "deployer",
      timestamp: now - 20 * minute,
    },
    { kind: "config", service: "payment", timestamp: now - 30 * minute },
  ]);
  expect(aws.count("events")).toBe(1);
});

it("keeps the newest changes when the older ones are denied", async () => {
  await using aws = await awsDouble((request) =>
    request.operation === "events" ? fault("AccessDeniedException", 403) : account(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "changes" });
  expect(readChanges(frameOf(outcome))).toHaveLength(1);
  expect(outcome.kind === "data" && outcome.gaps[0]?.why).toContain(
    '"Action":"application-signals:ListEntityEvents"',
  );
});

it("takes calls from dependencies, resources by what identifies them", async () => {
  const more = { services: { orders: "orders-table" } };
  const edges = readTopology(frameOf(await ask(served.endpoint, { kind: "topology" }, more)));
  expect(edges).toEqual([
    { from: "checkout", to: "payment", kind: "call" },
    { from: "checkout", to: "orders-table", kind: "call" },
  ]);
});

it("lists the metrics of every operation, and follows every page of services", async () => {
  await using aws = await awsDouble((request) => {
    if (request.operation !== "services") return account(request);
    const page = Number(request.search.get("NextToken") ?? 0);
    return answer({
      StartTime: 0,
      EndTime: 1,
      ServiceSummaries: [{ KeyAttributes: entity(`s${page}`), MetricReferences: [] }],
      ...(page < 2 ? { NextToken: String(page + 1) } : {}),
    });
  });
  const outcome = await ask(aws.endpoint, { kind: "metric-list" });
  const rows = readSeries(frameOf(outcome));
  const { link = "" } = outcome.provenance;
  expect(link).toContain("#metricsV2:graph=");
  expect(link).toContain(`end~%27${toIso(window.to).replaceAll(":", "*3a")}`);
  expect([...new Set(rows.map(({ service }) => service))]).toEqual(["s0", "s1", "s2"]);
  expect(rows[0]).toMatchObject({
    metric: "Latency",
    resource: "Service=s0,Operation=POST /orders",
    unit: "ms",
  });
});

it("keeps the services it could read when one of them is throttled", async () => {
  await using aws = await awsDouble((request) =>
    (request.body.KeyAttributes as { Name?: string } | undefined)?.Name === "payment"
      ? fault("ThrottlingException", 429)
      : account(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "topology" });
  expect(readTopology(frameOf(outcome))).toHaveLength(2);
  expect(outcome.kind === "data" && outcome.gaps[0]).toMatchObject({ what: "calls of payment" });
});

it.each([
  ["ThrottlingException", 429, "throttled", "application-signals:ListServices is throttled"],
  ["AccessDeniedException", 403, "denied", '"Action":"application-signals:ListServices"'],
  ["ExpiredTokenException", 403, "denied", "The AWS credentials have expired"],
  ["ValidationException", 400, "malformed", "AWS does not accept"],
])("answers %s as a failure, never as no services", async (name, status, reason, words) => {
  await using aws = await awsDouble(() => fault(name, status));
  const outcome = await ask(aws.endpoint, { kind: "topology" });
  expect(outcome).toMatchObject({ kind: "failed", reason });
  expect(outcome.kind === "failed" && outcome.message).toContain(words);
});

it("fails when not one service could be read, and stops at its deadline", async () => {
  await using aws = await awsDouble((request) =>
    request.operation === "service-dependencies"
      ? fault("AccessDeniedException", 403)
      : account(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "topology" });
  expect(outcome).toMatchObject({ kind: "failed", reason: "denied" });
  await using silent = await awsDouble(() => ({ kind: "silence" }));
  const deadline = systemClock.now() + 300;
  const late = await ask(silent.endpoint, { kind: "slos" }, {}, window, { deadline });
  expect(late).toMatchObject({ kind: "failed", reason: "timed-out" });
});
