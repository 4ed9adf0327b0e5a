import { describe, expect, it } from "vitest";
import { cloudWatchMessage } from "./cloudwatch-messages.ts";
import { openEnvelope } from "./envelopes.ts";
import {
  anomalyAlarm,
  compositeAlarm,
  metricAlarm,
  stateChangeEvent,
} from "./testing/sns-message.ts";

function alarmOf(message: unknown) {
  const found = cloudWatchMessage(message);
  if (!found || !("arrival" in found) || !found.arrival) throw new Error("no alarm in it");
  const { raw: _, ...alarm } = found.arrival.alarm;
  return alarm;
}

describe("a CloudWatch alarm", () => {
  it("is the same alarm over SNS and over EventBridge", () => {
    const overSns = alarmOf(metricAlarm);
    expect(alarmOf(stateChangeEvent)).toEqual(overSns);
    expect(overSns).toMatchInlineSnapshot(`
      {
        "fingerprint": "9f524805f1e84dcd79fd953e32845ee7",
        "firedAt": 1803981582123,
        "labels": {
          "ServiceName": "checkout",
          "account": "123456789012",
          "namespace": "Shop",
          "region": "eu-west-1",
        },
        "link": "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/checkout-latency",
        "metric": "Latency",
        "name": "checkout-latency",
        "observed": 2312.5,
        "resource": "ServiceName=checkout",
        "sender": "cloudwatch",
        "service": "checkout",
        "severity": null,
        "state": "firing",
        "summary": "p95 of checkout — Threshold Crossed: 1 out of the last 1 datapoints [2312.5 (02/03/26 09:58:00)] was greater than the threshold (500.0) (minimum 1 datapoint for OK -> ALARM transition).",
        "threshold": 500,
      }
    `);
  });

  it("tells the metric and the band of an anomaly detection alarm", () => {
    expect(alarmOf(anomalyAlarm)).toMatchObject({
      service: "orders",
      metric: "OrdersPlaced",
      observed: 12,
      threshold: 83.4,
      labels: { anomalyBand: "ANOMALY_DETECTION_BAND(m1, 2)" },
    });
  });

  it("tells the children of a composite alarm", () => {
    expect(alarmOf(compositeAlarm)).toMatchObject({
      name: "shop-is-down",
      service: null,
      metric: null,
      labels: {
        children: "checkout-latency",
        alarmRule: 'ALARM("checkout-latency") OR ALARM("orders-unusual")',
      },
    });
  });

  it("tells that the actions of a composite alarm are suppressed", () => {
    const { detail, ...rest } = stateChangeEvent;
    const state = { ...detail.state, actionsSuppressedBy: "Alarm" };
    expect(alarmOf({ ...rest, detail: { ...detail, state } }).labels.suppressedBy).toBe("Alarm");
  });

  it("is over when its state is OK, and none when data is missing", () => {
    expect(alarmOf({ ...metricAlarm, NewStateValue: "OK" }).state).toBe("resolved");
    const missing = { ...metricAlarm, NewStateValue: "INSUFFICIENT_DATA" };
    expect(cloudWatchMessage(missing)).toEqual({ arrival: null });
  });

  it("is found in every envelope AWS puts around it", () => {
    const text = JSON.stringify(metricAlarm);
    const notification = { Type: "Notification", MessageId: "m", TopicArn: "t", Message: text };
    const lambdaAction = {
      source: "aws.cloudwatch",
      alarmArn: metricAlarm.AlarmArn,
      accountId: "123456789012",
      time: "2027-03-02T09:59:43.000+0000",
      region: "eu-west-1",
      alarmData: stateChangeEvent.detail,
    };
    const envelopes = {
      bare: metricAlarm,
      event: stateChangeEvent,
      lambdaAction,
      notification,
      snsToLambda: { Records: [{ EventSource: "aws:sns", Sns: notification }] },
      sqsToLambda: { Records: [{ messageId: "q", body: JSON.stringify(notification) }] },
      eventOverSqs: { Records: [{ messageId: "q", body: JSON.stringify(stateChangeEvent) }] },
    };
    for (const [name, message] of Object.entries(envelopes)) {
      const opened = openEnvelope(message);
      expect([name, opened.faults, opened.arrivals.length]).toEqual([name, [], 1]);
      expect(opened.arrivals[0]?.alarm.fingerprint).toBe(alarmOf(metricAlarm).fingerprint);
    }
  });

  it("reports each record that cannot be read, and keeps the others", () => {
    const good = { messageId: "a", body: JSON.stringify(metricAlarm) };
    const opened = openEnvelope({ Records: [good, { messageId: "b", body: "{" }] });
    expect(opened.arrivals).toHaveLength(1);
    expect(opened.faults).toEqual(["b: the message is not JSON"]);
  });

  it("is not looked for in endless envelopes", () => {
    let text = JSON.stringify(metricAlarm);
    for (let n = 0; n < 6; n += 1) {
      text = JSON.stringify({ Type: "Notification", MessageId: "m", TopicArn: "t", Message: text });
    }
    expect(openEnvelope(JSON.parse(text)).faults).toEqual(["the message has too many envelopes"]);
  });
});
