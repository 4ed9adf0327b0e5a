import { z } from "zod";
import { alarmSchema } from "../core/alarm.ts";
import type { Arrival } from "../core/intake.ts";
import {
  arnParts,
  type CloudWatchFacts,
  cloudWatchAlarm,
  dimensionsSchema,
  metricFacts,
  metricListSchema,
  numbersOfReason,
} from "./cloudwatch-alarm.ts";
import { digestOf } from "./secrets.ts";

const stateSchema = z.enum(["ALARM", "OK", "INSUFFICIENT_DATA"]);
const time = z.string().transform((text, context) => {
  const at = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: "custom", message: "is not a time" });
  return z.NEVER;
});

/** What CloudWatch publishes to an SNS topic: metric, metric math, anomaly and composite alarms. */
const topicMessageSchema = z.looseObject({
  AlarmName: z.string().min(1),
  AlarmArn: z.string().optional(),
  AlarmDescription: z.string().nullish(),
  AWSAccountId: z.string().optional(),
  Region: z.string().optional(),
  NewStateValue: stateSchema,
  NewStateReason: z.string().default(""),
  StateChangeTime: time,
  AlarmRule: z.string().optional(),
  TriggeringChildren: z.array(z.looseObject({ Arn: z.string() })).default([]),
  Trigger: z
    .looseObject({
      MetricName: z.string().optional(),
      Namespace: z.string().nullish(),
      Dimensions: dimensionsSchema.default({}),
      Threshold: z.number().nullish(),
      Metrics: metricListSchema.optional(),
    })
    .optional(),
});

/** A `CloudWatch Alarm State Change` event, and the very similar event of a Lambda alarm action. */
const eventSchema = z.looseObject({
  id: z.string().optional(),
  account: z.string().optional(),
  accountId: z.string().optional(),
  region: z.string().optional(),
  time,
  resources: z.array(z.string()).default([]),
  alarmArn: z.string().optional(),
  detail: z.unknown().optional(),
  alarmData: z.unknown().optional(),
});

const eventDetailSchema = z.looseObject({
  alarmName: z.string().min(1),
  state: z.looseObject({
    value: stateSchema,
    reason: z.string().default(""),
    reasonData: z.string().optional(),
    timestamp: time.optional(),
    actionsSuppressedBy: z.string().optional(),
  }),
  configuration: z
    .looseObject({
      description: z.string().nullish(),
      metrics: metricListSchema.default([]),
      alarmRule: z.string().optional(),
    })
    .prefault({}),
});

const reasonDataSchema = z.looseObject({
  recentDatapoints: z.array(z.number().nullable()).default([]),
  recentUpperThresholds: z.array(z.number().nullable()).default([]),
  threshold: z.number().optional(),
  triggeringAlarms: z.array(z.looseObject({ arn: z.string() })).default([]),
});

/**
 * An alarm in any shape in which CloudWatch sends one, wherever it came from. Null when it is none
 * of them; `alarm: null` for a state that is no alarm (`INSUFFICIENT_DATA`).
 */
export function cloudWatchMessage(
  message: unknown,
): { arrival: Arrival | null } | { fault: string } | null {
  const shape = z.looseObject({}).safeParse(message);
  if (!shape.success) return null;
  if ("AlarmName" in shape.data) return fromTopicMessage(message);
  if ("alarmData" in shape.data) return fromEvent(message, "alarmData");
  const isStateChange = shape.data["detail-type"] === "CloudWatch Alarm State Change";
  return isStateChange ? fromEvent(message, "detail") : null;
}

function fromTopicMessage(message: unknown): { arrival: Arrival | null } | { fault: string } {
  const parsed = topicMessageSchema.safeParse(message);
  if (!parsed.success) return { fault: faultOf(parsed.error) };
  const alarm = parsed.data;
  const arn =
    alarm.AlarmArn ?? `${alarm.AWSAccountId ?? ""}:${alarm.Region ?? ""}:${alarm.AlarmName}`;
  const trigger = alarm.Trigger;
  const listed = metricFacts(trigger?.Metrics ?? []);
  const spoken = numbersOfReason(alarm.NewStateReason);
  const facts: CloudWatchFacts = {
    arn,
    name: alarm.AlarmName,
    account: alarm.AWSAccountId ?? arnParts(arn).account,
    region: arnParts(arn).region,
    state: alarm.NewStateValue,
    reason: alarm.NewStateReason,
    description: alarm.AlarmDescription ?? null,
    at: alarm.StateChangeTime,
    namespace: trigger?.Namespace ?? listed.namespace,
    metric: trigger?.MetricName ?? listed.metric,
    dimensions: { ...listed.dimensions, ...trigger?.Dimensions },
    threshold: listed.band ? spoken.threshold : (trigger?.Threshold ?? spoken.threshold),
    observed: spoken.observed,
    band: listed.band,
    rule: alarm.AlarmRule ?? null,
    children: namesOf(alarm.TriggeringChildren.map((child) => child.Arn)),
    suppressedBy: null,
  };
  return { arrival: arrivalOf(facts, message, null) };
}

function fromEvent(
  message: unknown,
  key: "detail" | "alarmData",
): { arrival: Arrival | null } | { fault: string } {
  const envelope = eventSchema.safeParse(message);
  if (!envelope.success) return { fault: faultOf(envelope.error) };
  const detail = eventDetailSchema.safeParse(envelope.data[key]);
  if (!detail.success) return { fault: faultOf(detail.error) };
  const { id, resources, alarmArn, time: sentAt, account, accountId, region } = envelope.data;
  const { alarmName, state, configuration } = detail.data;
  const arn = alarmArn ?? resources[0] ?? `${account ?? ""}:${region ?? ""}:${alarmName}`;
  const measured = reasonData(state.reasonData);
  const spoken = numbersOfReason(state.reason);
  const listed = metricFacts(configuration.metrics);
  const facts: CloudWatchFacts = {
    arn,
    name: alarmName,
    account: account ?? accountId ?? arnParts(arn).account,
    region: region ?? arnParts(arn).region,
    state: state.value,
    reason: state.reason,
    description: configuration.description ?? null,
    at: state.timestamp ?? sentAt,
    ...listed,
    threshold: measured.threshold ?? measured.recentUpperThresholds.at(-1) ?? spoken.threshold,
    observed: measured.recentDatapoints.at(-1) ?? spoken.observed,
    rule: configuration.alarmRule ?? null,
    children: namesOf(measured.triggeringAlarms.map((child) => child.arn)),
    suppressedBy: state.actionsSuppressedBy ?? null,
  };
  return { arrival: arrivalOf(facts, message, id ?? null) };
}

function arrivalOf(facts: CloudWatchFacts, raw: unknown, id: string | null): Arrival | null {
  const alarm = cloudWatchAlarm(facts, raw);
  if (!alarm) return null;
  const delivery = id ?? digestOf(facts.arn, facts.state, String(facts.at));
  return { delivery: `cloudwatch:${delivery}`, alarm: alarmSchema.parse(alarm) };
}

function reasonData(text: string | undefined): z.infer<typeof reasonDataSchema> {
  try {
    return reasonDataSchema.parse(JSON.parse(text ?? "{}"));
  } catch {
    return reasonDataSchema.parse({});
  }
}

function namesOf(arns: readonly string[]): string[] {
  return arns.map((arn) => arnParts(arn).name ?? arn);
}

/** Where the fault is, not what stood there: the answer goes to whoever sent the message. */
export function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  const what = issue?.code === "custom" ? issue.message : "is missing or of the wrong type";
  return path === "" ? `the message ${what}` : `${path}: ${what}`;
}
