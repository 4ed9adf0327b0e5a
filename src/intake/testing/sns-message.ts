import { createSign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { IncomingMessage } from "../../core/alarm-door.ts";
import { type SignedMessage, textToSign } from "../sns-signature.ts";

export const topic = "arn:aws:sns:eu-west-1:123456789012:alarms";
const folder = join(import.meta.dirname, "..", "__fixtures__");

/** The text of a file in `__fixtures__`. */
export function fixture(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

/** A message as SNS would send it, signed with a key of the fixtures. */
export function snsMessage(
  changes: Partial<SignedMessage> & { readonly Message: string },
  options: { readonly key?: string; readonly tamper?: Partial<SignedMessage> } = {},
): IncomingMessage {
  const unsigned: SignedMessage = {
    Type: "Notification",
    MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    TopicArn: topic,
    Timestamp: "2027-03-02T10:00:00.000Z",
    SignatureVersion: "2",
    Signature: "",
    SigningCertURL: "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
    ...changes,
  };
  const sign = createSign(unsigned.SignatureVersion === "1" ? "RSA-SHA1" : "RSA-SHA256");
  sign.update(textToSign(unsigned));
  const Signature = sign.sign(fixture(options.key ?? "leaf.key"), "base64");
  const message = { ...unsigned, Signature, ...options.tamper };
  return {
    body: new TextEncoder().encode(JSON.stringify(message)),
    headers: { "x-amz-sns-message-type": message.Type, "content-type": "text/plain" },
  };
}

/** What CloudWatch publishes for a metric alarm. */
export const metricAlarm = {
  AlarmName: "checkout-latency",
  AlarmDescription: "p95 of checkout",
  AWSAccountId: "123456789012",
  AlarmConfigurationUpdatedTimestamp: "2026-01-01T00:00:00.000+0000",
  NewStateValue: "ALARM",
  NewStateReason:
    "Threshold Crossed: 1 out of the last 1 datapoints [2312.5 (02/03/26 09:58:00)] was greater than the threshold (500.0) (minimum 1 datapoint for OK -> ALARM transition).",
  StateChangeTime: "2027-03-02T09:59:42.123+0000",
  Region: "EU (Ireland)",
  AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-latency",
  OldStateValue: "OK",
  Trigger: {
    MetricName: "Latency",
    Namespace: "Shop",
    StatisticType: "ExtendedStatistic",
    Statistic: "p95",
    Unit: null,
    Dimensions: [{ value: "checkout", name: "ServiceName" }],
    Period: 60,
    EvaluationPeriods: 1,
    ComparisonOperator: "GreaterThanThreshold",
    Threshold: 500,
    TreatMissingData: "missing",
  },
};

export const anomalyAlarm = {
  ...metricAlarm,
  AlarmName: "orders-unusual",
  AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-unusual",
  NewStateReason:
    "Thresholds Crossed: 1 out of the last 1 datapoints [12.0 (02/03/26 09:58:00)] was less than the lower thresholds [83.4] or greater than the upper thresholds [120.1] (minimum 1 datapoint for OK -> ALARM transition).",
  Trigger: {
    Period: 300,
    EvaluationPeriods: 1,
    ComparisonOperator: "LessThanLowerOrGreaterThanUpperThreshold",
    ThresholdMetricId: "ad1",
    TreatMissingData: "breaching",
    Metrics: [
      {
        Id: "m1",
        MetricStat: {
          Metric: {
            Dimensions: [{ value: "orders", name: "ServiceName" }],
            MetricName: "OrdersPlaced",
            Namespace: "Shop",
          },
          Period: 300,
          Stat: "Sum",
        },
        ReturnData: true,
      },
      { Expression: "ANOMALY_DETECTION_BAND(m1, 2)", Id: "ad1", Label: "band", ReturnData: true },
    ],
  },
};

export const compositeAlarm = {
  AlarmName: "shop-is-down",
  AlarmDescription: "more than one tier",
  AWSAccountId: "123456789012",
  NewStateValue: "ALARM",
  NewStateReason:
    "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-latency transitioned to ALARM at Monday 02 March, 2026 09:59:42 UTC",
  StateChangeTime: "2027-03-02T09:59:45.123+0000",
  Region: "EU (Ireland)",
  AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop-is-down",
  OldStateValue: "OK",
  AlarmRule: 'ALARM("checkout-latency") OR ALARM("orders-unusual")',
  TriggeringChildren: [
    {
      Arn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-latency",
      State: { Value: "ALARM", Timestamp: "2027-03-02T09:59:42.123+0000" },
    },
  ],
};

/** The same metric alarm as EventBridge delivers it. */
export const stateChangeEvent = {
  version: "0",
  id: "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
  "detail-type": "CloudWatch Alarm State Change",
  source: "aws.cloudwatch",
  account: "123456789012",
  time: "2027-03-02T09:59:43Z",
  region: "eu-west-1",
  resources: [metricAlarm.AlarmArn],
  detail: {
    alarmName: "checkout-latency",
    configuration: {
      description: "p95 of checkout",
      metrics: [
        {
          id: "30b6c6b2",
          metricStat: {
            metric: {
              dimensions: { ServiceName: "checkout" },
              name: "Latency",
              namespace: "Shop",
            },
            period: 60,
            stat: "p95",
          },
          returnData: true,
        },
      ],
    },
    previousState: { reason: "", timestamp: "2027-03-02T09:00:00.000+0000", value: "OK" },
    state: {
      reason: metricAlarm.NewStateReason,
      reasonData: JSON.stringify({ recentDatapoints: [2312.5], threshold: 500 }),
      timestamp: "2027-03-02T09:59:42.123+0000",
      value: "ALARM",
    },
  },
};
