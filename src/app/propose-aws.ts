import type { AwsSetupOptions } from "../cli/runtime.ts";
import type { Clock } from "../core/clock.ts";
import { readSeries } from "../core/row-readers.ts";
import type { Series } from "../core/rows.ts";
import type { Probe, Source, SourceContext } from "../core/source.ts";
import { awsSettings } from "../sources/aws/client.ts";
import { sourceDefinitions } from "../sources/index.ts";
import { proposedLogGroups } from "../sources/insights/propose-log-groups.ts";
import { missingRights } from "./missing-rights.ts";

/** Sources of AWS that are looked at, in the order in which they are proposed. */
const kinds = [
  ...["cloudwatch-metrics", "cloudwatch-logs", "cloudwatch-alarms", "xray"],
  ...["application-signals", "cloudtrail", "aws-deployments", "athena"],
];
const timeoutMs = 30_000;
const bytesMax = 100_000_000;
const listedMax = 40;

/** Words of what a business counts; money, orders and people, not machines. */
const business =
  /(^|[^a-z])(orders?|revenue|sales|payments?|checkouts?|carts?|sign.?ups?|sign.?ins?|logins?|bookings?|subscriptions?|conversions?|customers?|active.?users|users.?active|refunds?)([^a-z]|$)/;
const measured = /duration|latency|(p\d\d|errors?|failed|failures|utili[sz]ation|count|mean)$/i;

/** Pairs of a metric of failures and one of all requests, as AWS and OpenTelemetry name them. */
const pairs: readonly (readonly [bad: string, total: string])[] = [
  ["HTTPCode_Target_5XX_Count", "RequestCount"],
  ["5XXError", "Count"],
  ["5xx", "Count"],
  ["Errors", "Invocations"],
  ["http.server.request.duration.errors", "http.server.request.duration.count"],
];

/** Looks at an account, and writes the shodo.yaml that would read it. Only reads. */
export async function proposeAws(options: AwsSetupOptions, clock: Clock): Promise<string> {
  const { region, profile, roleArn, endpoint } = options;
  const own = Object.fromEntries(
    Object.entries({ region, profile, roleArn, endpoint }).flatMap(([key, value]) =>
      value ? [[key, value]] : [],
    ),
  );
  const groupLines = logGroupLines(own, clock);
  const looked = await Promise.all(
    sourceDefinitions
      .filter(({ kind }) => kinds.includes(kind))
      .toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind))
      .map(async (definition) => {
        const source = await definition.open(definition.kind, definition.settings.parse(own));
        try {
          const probe = await source.probe(context(clock));
          const metrics =
            definition.kind === "cloudwatch-metrics" ? await listed(source, clock) : [];
          return { kind: definition.kind, probe, metrics };
        } finally {
          await source.close();
        }
      }),
  );
  const metrics = looked.flatMap((each) => each.metrics);
  const ofLogs = await groupLines;
  return [
    "# Proposed by shodo init aws. Look through it, then run: shodo doctor",
    looked.every(({ probe }) => probe.state === "unreachable")
      ? "sources: [] # none could be read; mend what stands below, and run shodo init aws again"
      : "sources:",
    ...looked.flatMap(({ kind, probe }) => [
      ...sourceLines(kind, probe, own),
      ...(kind === "cloudwatch-logs" && probe.state !== "unreachable" ? ofLogs : []),
    ]),
    "",
    ...missingRights(looked).map((line) => `# ${line}`),
    ...serviceLines(metrics),
    ...kpiLines(metrics),
    ...sloLines(metrics),
    "",
  ].join("\n");
}

function context(clock: Clock): SourceContext {
  const deadline = clock.now() + timeoutMs;
  return { signal: AbortSignal.timeout(timeoutMs), deadline, bytesMax };
}

async function listed(source: Source, clock: Clock): Promise<readonly Series[]> {
  const window = { from: clock.now() - 2 * 3_600_000, to: clock.now() };
  const outcome = await source.run({ kind: "metric-list", limit: 5_000 }, window, context(clock));
  return outcome.kind === "data" ? readSeries(outcome.frame) : [];
}

/** A source that cannot be reached stands there as a comment, with the way out. */
function sourceLines(kind: string, probe: Probe, own: Readonly<Record<string, string>>): string[] {
  const said = probe.lines.map((line) => `  # ${line.replace(/\s+/g, " ")}`);
  const off = probe.state === "unreachable" ? "# " : "";
  const settings = Object.entries(own).map(([key, value]) => `  ${off}  ${key}: ${quoted(value)}`);
  return [...said, `  ${off}- kind: ${kind}`, ...settings];
}

/** The log groups that an application writes to: naming them bounds what a query scans. */
async function logGroupLines(
  own: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<readonly string[]> {
  const settings = awsSettings.parse(own);
  const found = await proposedLogGroups(settings, context(clock)).catch(() => null);
  if (!found || found.groups.length === 0) return [];
  const { groups, leftOut, bytesPerDay } = found;
  const more = groups.length > listedMax ? `; ${groups.length - listedMax} more exist` : "";
  const left = leftOut.slice(0, 5).join(", ");
  return [
    ...(left ? [`    # left out, as no application writes there: ${left}`] : []),
    `    logGroups: # about ${(bytesPerDay / 1e9).toFixed(1)} GB a day${more}`,
    ...groups.slice(0, listedMax).map((group) => `      - ${quoted(group)}`),
  ];
}

function quoted(value: string): string {
  return /^[\w./-]+$/.test(value) ? value : JSON.stringify(value);
}

function serviceLines(metrics: readonly Series[]): string[] {
  const services = [...new Set(metrics.map(({ service }) => service))].filter(Boolean).sort();
  if (services.length === 0) return ["# No service was found in the metrics of the last hours."];
  const shown = services.slice(0, listedMax).join(", ");
  const more = services.length > listedMax ? `, and ${services.length - listedMax} more` : "";
  return [`# Services found: ${shown}${more}`, "# Rename them with `services` of each source."];
}

function kpiLines(metrics: readonly Series[]): string[] {
  const found = distinct(
    metrics.filter(({ metric, layer }) => {
      const words = metric.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
      return layer !== "infrastructure" && business.test(words) && !measured.test(words);
    }),
  );
  if (found.length === 0) return ["kpis: [] # no metric is named like one; add what you count"];
  return [
    "kpis:",
    ...found
      .slice(0, listedMax)
      .map(
        ({ metric, service }) =>
          `  - { name: ${quoted(metric)}, metric: ${quoted(metric)}, service: ${quoted(service)} }`,
      ),
  ];
}

function sloLines(metrics: readonly Series[]): string[] {
  const names = Map.groupBy(metrics, ({ service }) => service);
  const found = [...names].flatMap(([service, all]) => {
    const has = new Set(all.map(({ metric }) => metric));
    const pair = pairs.find(([bad, total]) => has.has(bad) && has.has(total));
    return pair ? [{ service, pair }] : [];
  });
  if (found.length === 0) return ["slos: [] # no pair of failures and requests was found"];
  return [
    "slos: # the target is a guess: put yours",
    ...found
      .slice(0, listedMax)
      .map(
        ({ service, pair: [bad, total] }) =>
          `  - { name: ${JSON.stringify(`${service} availability`)}, service: ${quoted(service)}, ` +
          `target: 0.995, badMetric: ${quoted(bad)}, totalMetric: ${quoted(total)} }`,
      ),
  ];
}

function distinct(all: readonly Series[]): readonly Series[] {
  return [...new Map(all.map((each) => [`${each.service} ${each.metric}`, each])).values()];
}
