import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../sender.ts";
import { now, posted, senderTools } from "../testing/sender-tools.ts";
import { fixture, metricAlarm, snsMessage, topic } from "../testing/sns-message.ts";
import { sns } from "./sns.ts";

const certificateUrl = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem";
const chain = fixture("leaf.pem") + fixture("authority.pem");
const alarmText = JSON.stringify(metricAlarm);

function open(
  web: Record<string, string | Uint8Array> = { [certificateUrl]: chain },
  settings = {},
) {
  const tools = senderTools(web);
  const parsed = sns.settings.parse({ kind: "sns", topics: [topic], ...settings });
  return { tools, sender: sns.open(parsed, tools) };
}

const refusal = (verdict: Verdict) =>
  verdict.kind === "refused" ? `${verdict.status} ${verdict.reason}` : verdict.kind;

describe("alarms by SNS", () => {
  it("takes a signed alarm, in both signature versions", async () => {
    for (const SignatureVersion of ["1", "2"] as const) {
      const { sender } = open();
      const verdict = await sender.receive(snsMessage({ Message: alarmText, SignatureVersion }));
      expect(verdict.kind === "alarms" && verdict.arrivals).toMatchObject([
        {
          delivery: `sns:${topic}:22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324`,
          alarm: { name: "checkout-latency", service: "checkout", state: "firing" },
        },
      ]);
    }
  });

  it("takes a subject that is part of what is signed", async () => {
    const { sender } = open();
    const message = snsMessage({ Message: alarmText, Subject: 'ALARM: "checkout" in EU' });
    expect((await sender.receive(message)).kind).toBe("alarms");
  });

  it("fetches a missing issuer from the authority, and the certificate once", async () => {
    const issuerUrl = "http://crt.test.amazontrust.com/authority.cer";
    const issuer = new X509Certificate(fixture("authority.pem")).raw;
    const { sender, tools } = open({ [certificateUrl]: fixture("leaf.pem"), [issuerUrl]: issuer });
    for (let n = 0; n < 3; n += 1) {
      expect((await sender.receive(snsMessage({ Message: alarmText }))).kind).toBe("alarms");
    }
    expect(tools.asked).toEqual([certificateUrl, issuerUrl]);
  });

  it("refuses what is not signed by SNS", async () => {
    const cases: Record<string, [web: string, key: string]> = {
      "another key": [chain, "self.key"],
      "a certificate that signed itself": [fixture("self.pem"), "self.key"],
      "a good chain of somebody else": [
        fixture("stranger.pem") + fixture("authority.pem"),
        "stranger.key",
      ],
      "a certificate issued by one that may not issue": [
        fixture("below-leaf.pem") + chain,
        "below-leaf.key",
      ],
    };
    const seen: Record<string, string> = {};
    for (const [name, [pem, key]] of Object.entries(cases)) {
      const { sender } = open({ [certificateUrl]: pem });
      seen[name] = refusal(await sender.receive(snsMessage({ Message: alarmText }, { key })));
    }
    expect(seen).toMatchInlineSnapshot(`
      {
        "a certificate issued by one that may not issue": "401 Not signed by SNS: an issuer in the chain is not an authority.",
        "a certificate that signed itself": "401 Not signed by SNS: the chain does not end in a trusted authority.",
        "a good chain of somebody else": "401 Not signed by SNS: the certificate is not one of SNS.",
        "another key": "401 Not signed by SNS: the signature does not fit the message.",
      }
    `);
  });

  it("refuses a message that was changed after signing", async () => {
    const { sender } = open();
    for (const tamper of [
      { Message: alarmText.replace("500", "501") },
      { MessageId: "another" },
      { Timestamp: "2027-03-02T10:00:01.000Z" },
      { Subject: "added" },
    ]) {
      const verdict = await sender.receive(snsMessage({ Message: alarmText }, { tamper }));
      expect(refusal(verdict)).toBe(
        "401 Not signed by SNS: the signature does not fit the message.",
      );
    }
  });

  it("never fetches from an address that is not SNS in the topic's region", async () => {
    const { sender, tools } = open();
    for (const SigningCertURL of [
      "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
      "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
      "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123abcd.pem",
      "https://evil.example/SimpleNotificationService-0123abcd.pem",
      "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0123abcd.pem",
      "https://user@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
      "https://sns.eu-west-1.amazonaws.com/bucket/SimpleNotificationService-0123abcd.pem",
      "https://sns.eu-west-1.amazonaws.com/?x=SimpleNotificationService-0123abcd.pem",
      "not an address",
    ]) {
      const verdict = await sender.receive(snsMessage({ Message: alarmText, SigningCertURL }));
      expect(refusal(verdict)).toContain("401 Not signed by SNS: the certificate's address");
    }
    expect(tools.asked).toEqual([]);
  });

  it("refuses other topics, old messages and messages from the future", async () => {
    const { sender } = open();
    const seen = [];
    for (const changes of [
      { TopicArn: "arn:aws:sns:eu-west-1:999999999999:alarms" },
      { Timestamp: new Date(now - 61 * 60_000).toISOString() },
      { Timestamp: new Date(now + 6 * 60_000).toISOString() },
    ]) {
      seen.push(refusal(await sender.receive(snsMessage({ Message: alarmText, ...changes }))));
    }
    expect(seen).toMatchInlineSnapshot(`
      [
        "403 The topic is not among the topics of this sender's settings.",
        "409 The message is older than the replay window.",
        "409 The message comes from the future; check the clock.",
      ]
    `);
  });

  it("asks the sender to try again when the certificate cannot be fetched", async () => {
    const { sender } = open({});
    expect((await sender.receive(snsMessage({ Message: alarmText }))).kind).toBe("later");
  });

  it("confirms a subscription of its topic, at SNS alone", async () => {
    const url = `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topic}&Token=t`;
    const confirmation = (SubscribeURL: string) =>
      snsMessage({ Type: "SubscriptionConfirmation", Message: "You…", Token: "t", SubscribeURL });
    const { sender, tools } = open({ [certificateUrl]: chain, [url]: "<ok/>" });
    expect(await sender.receive(confirmation(url))).toMatchObject({ kind: "handled" });
    expect(tools.asked).toContain(url);
    for (const wrong of [
      url.replace("eu-west-1.amazonaws.com", "evil.example"),
      url.replace("ConfirmSubscription", "DeleteTopic"),
      url.replace("123456789012", "999999999999"),
    ]) {
      expect(refusal(await sender.receive(confirmation(wrong)))).toMatch(/^401/);
    }
    expect(tools.asked).toHaveLength(2);
    const off = open({ [certificateUrl]: chain, [url]: "" }, { confirmSubscriptions: false });
    expect(refusal(await off.sender.receive(confirmation(url)))).toMatch(/^403/);
  });

  it("says what is wrong with a body that is no alarm", async () => {
    const { sender } = open();
    const seen = [
      refusal(await sender.receive(posted("{"))),
      refusal(await sender.receive(posted({ Type: "Notification" }))),
      refusal(await sender.receive(snsMessage({ Message: "hello" }))),
      refusal(await sender.receive(snsMessage({ Message: '{"AlarmName":"a"}' }))),
    ];
    expect(seen).toMatchInlineSnapshot(`
      [
        "400 This is not a message of SNS.",
        "400 This is not a message of SNS.",
        "422 The message of the topic is not a CloudWatch alarm.",
        "400 The alarm cannot be read: NewStateValue: is missing or of the wrong type.",
      ]
    `);
  });
});
