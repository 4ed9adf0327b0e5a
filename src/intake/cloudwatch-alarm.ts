import { z } from "zod";
import type { Alarm } from "../core/alarm.ts";
import { digestOf } from "./secrets.ts";
import { serviceOf } from "./service-name.ts";

/** Dimensions come as pairs (`{name, value}`, over SNS) or as an object (over EventBridge). */
const dimensionsSchema = z
  .union([
    z.array(z.looseObject({ name: z.string(), value: z.string() })),
    z.record(z.string(), z.string()),
  ])
  .transform((given) =>
    Array.isArray(given) ? Object.fromEntries(given.map((d) => [d.name, d.value])) : given,
  );

/** What every way of sending a CloudWatch alarm comes down to. */
export interface CloudWatchFacts {
  readonly arn: string;
  readonly name: string;
  readonly account: string | null;
  readonly region: string | null;
  readonly state: "ALARM" | "OK" | "INSUFFICIENT_DATA";
  readonly reason: string;
  readonly description: string | null;
  /** Epoch ms of the change of state. */
  readonly at: number;
  readonly namespace: string | null;
  readonly metric: string | null;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly threshold: number | null;
  readonly observed: number | null;
  /** Expression of the band, for an anomaly detection alarm. */
  readonly band: string | null;
  /** Rule, for a composite alarm. */
  readonly rule: string | null;
  /** Names of the alarms that set a composite alarm off. */
  readonly children: readonly string[];
  /** Set when CloudWatch suppresses the actions of a composite alarm. */
  readonly suppressedBy: string | null;
}

/** Null for a state that is neither firing nor resolved. */
export function cloudWatchAlarm(facts: CloudWatchFacts, raw: unknown): Alarm | null {
  if (facts.state === "INSUFFICIENT_DATA") return null;
  const labels: Record<string, string> = { ...facts.dimensions };
  const extra: Record<string, string | null> = {
    account: facts.account,
    region: facts.region,
    namespace: facts.namespace,
    anomalyBand: facts.band,
    alarmRule: facts.rule,
    children: facts.children.length > 0 ? facts.children.join(",") : null,
    suppressedBy: facts.suppressedBy,
  };
  for (const [key, value] of Object.entries(extra)) if (value !== null) labels[key] = value;
  const dimensions = Object.entries(facts.dimensions).map(([k, v]) => `${k}=${v}`);
  return {
    fingerprint: digestOf("cloudwatch", facts.arn),
    sender: "cloudwatch",
    name: facts.name,
    service: serviceOf(facts.dimensions) ?? serviceOf(labels),
    resource: dimensions.length > 0 ? dimensions.join(",") : null,
    metric: facts.metric,
    threshold: facts.threshold,
    observed: facts.observed,
    severity: null,
    state: facts.state === "ALARM" ? "firing" : "resolved",
    firedAt: facts.at,
    summary: [facts.description, facts.reason].filter(Boolean).join(" — "),
    labels,
    link: consoleLink(facts),
    raw,
  };
}

/**
 * The metric of an alarm: its own, or that of the first metric of a metric math or anomaly alarm.
 */
export const metricListSchema = z.array(
  z.looseObject({
    Id: z.string().optional(),
    id: z.string().optional(),
    Expression: z.string().optional(),
    expression: z.string().optional(),
    MetricStat: z
      .looseObject({
        Metric: z.looseObject({
          MetricName: z.string(),
          Namespace: z.string().optional(),
          Dimensions: dimensionsSchema.default({}),
        }),
      })
      .optional(),
    metricStat: z
      .looseObject({
        metric: z.looseObject({
          name: z.string(),
          namespace: z.string().optional(),
          dimensions: dimensionsSchema.default({}),
        }),
      })
      .optional(),
  }),
);

export interface MetricFacts {
  readonly metric: string | null;
  readonly namespace: string | null;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly band: string | null;
}

/**
 * `band` is the expression of an anomaly detection alarm, for instance
 * `ANOMALY_DETECTION_BAND(m1)`.
 */
export function metricFacts(list: z.infer<typeof metricListSchema>): MetricFacts {
  const expressions = list.map((item) => item.Expression ?? item.expression ?? "");
  const band = expressions.find((text) => /^\s*ANOMALY_DETECTION_BAND\s*\(/i.test(text)) ?? null;
  const upper = list.map((item) => item.MetricStat?.Metric).find((metric) => metric !== undefined);
  const lower = list.map((item) => item.metricStat?.metric).find((metric) => metric !== undefined);
  return {
    metric: upper?.MetricName ?? lower?.name ?? null,
    namespace: upper?.Namespace ?? lower?.namespace ?? null,
    dimensions: upper?.Dimensions ?? lower?.dimensions ?? {},
    band,
  };
}

export { dimensionsSchema };

/** Value and threshold as CloudWatch writes them into the reason of a change of state. */
export function numbersOfReason(reason: string): {
  observed: number | null;
  threshold: number | null;
} {
  const number = String.raw`(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)`;
  const first = (pattern: string) => {
    const found = new RegExp(pattern).exec(reason)?.[1];
    return found === undefined ? null : Number(found);
  };
  return {
    observed: first(String.raw`datapoints? \[${number}`),
    threshold: first(`thresholds? [[(]${number}`),
  };
}

/**
 * `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:name` taken apart; nulls where it is not one.
 */
export function arnParts(arn: string): {
  region: string | null;
  account: string | null;
  name: string | null;
} {
  const parts = arn.split(":");
  if (parts[0] !== "arn" || parts.length < 7) return { region: null, account: null, name: null };
  return {
    region: parts[3] || null,
    account: parts[4] || null,
    name: parts.slice(6).join(":") || null,
  };
}

function consoleLink(facts: CloudWatchFacts): string | null {
  if (!facts.region) return null;
  const host = facts.region.startsWith("cn-") ? "console.amazonaws.cn" : "console.aws.amazon.com";
  const alarm = encodeURIComponent(facts.name);
  return `https://${facts.region}.${host}/cloudwatch/home?region=${facts.region}#alarmsV2:alarm/${alarm}`;
}
