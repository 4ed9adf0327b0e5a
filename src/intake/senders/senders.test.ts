import { describe, expect, it } from "vitest";
import { hmacHex } from "../secrets.ts";
import { posted, senderTools } from "../testing/sender-tools.ts";
import { stateChangeEvent } from "../testing/sns-message.ts";
import { alertmanager } from "./alertmanager.ts";
import { eventbridge } from "./eventbridge.ts";
import { senderDefinitions } from "./index.ts";
import { webhook } from "./webhook.ts";

describe("every sender", () => {
  it("is found, and has a kind and title of its own", () => {
    expect(senderDefinitions.map((item) => item.kind)).toEqual([
      "alertmanager",
      "eventbridge",
      "lambda",
      "sns",
      "sqs",
      "webhook",
    ]);
    expect(new Set(senderDefinitions.map((item) => item.title)).size).toBe(6);
  });
});

describe("alarms by EventBridge", () => {
  const sender = eventbridge.open(
    eventbridge.settings.parse({ kind: "eventbridge", secretFrom: "KEY" }),
    senderTools(),
  );
  const key = { "x-shodo-key": "secret of KEY" };

  it("takes an event with the right key", async () => {
    const verdict = await sender.receive(posted(stateChangeEvent, key));
    expect(verdict.kind === "alarms" && verdict.arrivals[0]).toMatchObject({
      delivery: "cloudwatch:c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
      alarm: { name: "checkout-latency", observed: 2312.5, threshold: 500 },
    });
  });

  it("refuses a wrong key, another event and a broken one", async () => {
    const { detail, ...rest } = stateChangeEvent;
    const broken = { ...rest, detail: { ...detail, state: {} } };
    expect([
      await sender.receive(posted(stateChangeEvent, { "x-shodo-key": "x" })),
      await sender.receive(posted(stateChangeEvent)),
      await sender.receive(posted({ "detail-type": "Scheduled Event" }, key)),
      await sender.receive(posted(broken, key)),
    ]).toMatchInlineSnapshot(`
      [
        {
          "kind": "refused",
          "reason": "The key in the header x-shodo-key is missing or wrong.",
          "status": 401,
        },
        {
          "kind": "refused",
          "reason": "The key in the header x-shodo-key is missing or wrong.",
          "status": 401,
        },
        {
          "kind": "refused",
          "reason": "The event is not a CloudWatch alarm state change.",
          "status": 422,
        },
        {
          "kind": "refused",
          "reason": "The event cannot be read: state.value: is missing or of the wrong type.",
          "status": 400,
        },
      ]
    `);
  });
});

describe("alerts by Alertmanager", () => {
  const sender = alertmanager.open(
    alertmanager.settings.parse({ kind: "alertmanager", secretFrom: "TOKEN" }),
    senderTools(),
  );
  const auth = { authorization: "Bearer secret of TOKEN" };
  const alert = {
    status: "firing",
    labels: { alertname: "HighErrors", service: "web", severity: "page", pod: "web-1" },
    annotations: { summary: "5 % of requests fail", value: "0.05" },
    startsAt: "2027-03-02T09:58:00.000Z",
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL: "http://prometheus.example/graph?g0.expr=x",
    fingerprint: "9f86d081884c7d65",
  };
  const payload = { version: "4", groupKey: "{}", status: "firing", receiver: "shodo" };

  it("takes each alert of a notification, once per state", async () => {
    const resolved = { ...alert, status: "resolved", endsAt: "2027-03-02T10:00:00Z" };
    const message = posted({ ...payload, alerts: [alert, resolved] }, auth);
    const verdict = await sender.receive(message);
    const arrivals = verdict.kind === "alarms" ? verdict.arrivals : [];
    expect(arrivals.map((item) => item.alarm)).toMatchObject([
      {
        name: "HighErrors",
        service: "web",
        resource: "web-1",
        severity: "page",
        observed: 0.05,
        state: "firing",
        firedAt: Date.parse("2027-03-02T09:58:00Z"),
      },
      { state: "resolved", firedAt: Date.parse("2027-03-02T10:00:00Z") },
    ]);
    const again = await sender.receive(message);
    expect(again).toEqual(verdict);
    expect(new Set(arrivals.map((item) => item.delivery)).size).toBe(2);
    expect(new Set(arrivals.map((item) => item.alarm.fingerprint)).size).toBe(1);
  });

  it("says when Alertmanager left alerts out", async () => {
    const message = posted({ ...payload, truncatedAlerts: 3, alerts: [alert] }, auth);
    const verdict = await sender.receive(message);
    expect(verdict.kind === "alarms" && verdict.arrivals[0]?.alarm.labels.truncatedAlerts).toBe(
      "3",
    );
  });

  it("accepts basic authentication and refuses everything else", async () => {
    const basic = Buffer.from("shodo:secret of TOKEN").toString("base64");
    const message = (authorization: string) =>
      posted({ ...payload, alerts: [alert] }, { authorization });
    expect((await sender.receive(message(`Basic ${basic}`))).kind).toBe("alarms");
    for (const wrong of ["Bearer x", "Basic eA==", "Digest a", ""]) {
      expect(await sender.receive(message(wrong))).toMatchObject({ status: 401 });
    }
    expect(await sender.receive(posted({ version: "3" }, auth))).toMatchObject({ status: 400 });
  });
});

describe("alarms by any webhook", () => {
  const settings = webhook.settings.parse({
    kind: "webhook",
    name: "grafana",
    secretFrom: "HOOK",
    list: "alerts",
    fields: {
      name: "title",
      state: "state",
      service: "labels.service",
      observed: "values.0.v",
      firedAt: "at",
      labels: "labels",
      severity: "'high'",
    },
  });
  const sender = webhook.open(settings, senderTools());
  const signed = (body: unknown, secret = "secret of HOOK") => {
    const text = JSON.stringify(body);
    return posted(text, { "x-signature-256": `sha256=${hmacHex("sha256", secret, [text])}` });
  };
  const item = {
    title: "Orders fell",
    state: "alerting",
    at: 1803981600,
    values: [{ v: 3 }],
    labels: { service: "orders", team: "shop", nested: {} },
  };

  it("reads an alarm from where the settings point", async () => {
    expect(sender.path).toBe("webhook/grafana");
    const verdict = await sender.receive(signed({ alerts: [item, { ...item, state: "ok" }] }));
    expect(verdict.kind === "alarms" && verdict.arrivals.map((a) => a.alarm)).toMatchObject([
      {
        sender: "webhook:grafana",
        name: "Orders fell",
        service: "orders",
        observed: 3,
        severity: "high",
        state: "firing",
        firedAt: Date.parse("2027-03-02T10:00:00Z"),
        labels: { service: "orders", team: "shop" },
      },
      { state: "resolved" },
    ]);
  });

  it("refuses a wrong signature, a missing list, and an alarm without a name", async () => {
    expect([
      await sender.receive(signed({ alerts: [item] }, "another secret")),
      await sender.receive(posted({ alerts: [item] })),
      await sender.receive(signed({})),
      await sender.receive(signed({ alerts: [{ ...item, title: null }] })),
    ]).toMatchInlineSnapshot(`
      [
        {
          "kind": "refused",
          "reason": "The signature does not fit the body.",
          "status": 401,
        },
        {
          "kind": "refused",
          "reason": "The header x-signature-256 is missing.",
          "status": 401,
        },
        {
          "kind": "refused",
          "reason": "There is no list where \`list\` points.",
          "status": 400,
        },
        {
          "kind": "refused",
          "reason": "Alarm 1 has no text where \`name\` points.",
          "status": 400,
        },
      ]
    `);
  });

  it("refuses an old message when the time of sending is signed too", async () => {
    const strict = webhook.open(
      webhook.settings.parse({
        ...(settings as object),
        signature: { timestampHeader: "X-Timestamp", header: "X-Signature" },
      }),
      senderTools(),
    );
    const sent = (at: number) => {
      const text = JSON.stringify({ alerts: [item] });
      const signature = hmacHex("sha256", "secret of HOOK", [`${at}.`, text]);
      return posted(text, { "x-timestamp": String(at), "x-signature": `sha256=${signature}` });
    };
    expect(await strict.receive(sent(1803981600))).toMatchObject({ kind: "alarms" });
    expect(await strict.receive(sent(1803981600 - 400))).toMatchObject({ status: 409 });
    const moved = { ...sent(1803981600 - 400).headers, "x-timestamp": "1803981600" };
    expect(await strict.receive({ ...sent(1803981600), headers: moved })).toMatchObject({
      status: 401,
    });
  });
});
