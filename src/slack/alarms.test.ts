import { describe, expect, it } from "vitest";
import type { Alarm } from "../core/alarm.ts";
import { requestBy } from "../core/investigation-request.ts";
import { sampleAlarm } from "./testing/sample-case.ts";
import type { Stage } from "./testing/stage.ts";
import { marked, reportOf, seen, shows, usingStage } from "./testing/using-stage.ts";

const open = usingStage();

function fire(stage: Stage, change: Partial<Alarm> = {}) {
  return stage.analyst.start(
    requestBy(
      { id: "alarm", name: "alarm", role: "admin", door: "alarm" },
      {
        alarm: sampleAlarm({ firedAt: Date.now(), ...change }),
      },
    ),
  );
}

function headlineOf(stage: Stage) {
  return stage.double.until(() => marked(stage, "shodo_headline")[0], "a headline");
}

describe("an alarm", () => {
  it("posts by itself at once, shows progress, and brings the report into its thread", async () => {
    const stage = await open({ script: { pace: "manual" } });
    await fire(stage);
    const headline = await headlineOf(stage);
    expect(headline.channel).toBe("C0INCID01");
    expect(headline.history[0]?.text).toContain("P?");
    const id = stage.analyst.all[0]?.id ?? "";
    stage.analyst.next(id, 3);
    await shows(stage, headline, "share rose");
    stage.analyst.next(id, 100);
    const report = await reportOf(stage, headline);
    expect(report.broadcast).toBe(false);
    await shows(stage, headline, "Cause confirmed");
    expect(headline.text).toContain("P1");
  });

  it("is counted when it fires again, in the same message", async () => {
    const stage = await open();
    await fire(stage);
    const headline = await headlineOf(stage);
    for (let i = 0; i < 11; i += 1) await fire(stage);
    await shows(stage, headline, "fired 12 times");
    expect(marked(stage, "shodo_headline")).toHaveLength(1);
    expect(headline.history.length).toBeLessThan(12);
  });

  it("that came and was investigated while nobody spoke in Slack is told of afterwards, once", async () => {
    const stage = await open();
    await stage.face.stop();
    await fire(stage);
    await stage.double.until(() => stage.analyst.all[0]?.state === "reported", "the run's end");
    await stage.restart();
    await reportOf(stage, await headlineOf(stage));
    await stage.restart();
    await stage.face.settled();
    expect(marked(stage, "shodo_headline")).toHaveLength(1);
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });

  it("from long before Slack was connected stays a matter of the pages", async () => {
    const day = 86_400_000;
    let now = Date.now() - day;
    const stage = await open({ face: { clock: { now: () => now } } });
    await stage.face.stop();
    await stage.store.face.delete("slack:connected");
    await fire(stage, { firedAt: now });
    await stage.double.until(() => stage.analyst.all[0]?.state === "reported", "the run's end");
    now += day / 2;
    await stage.restart();
    await stage.face.settled();
    expect(marked(stage, "shodo_headline")).toHaveLength(0);
  });

  it("whose thread was being opened when the process died gets it from the next one", async () => {
    const stage = await open();
    await stage.face.stop();
    await fire(stage);
    const id = stage.analyst.all[0]?.id ?? "";
    await stage.store.face.put(`slack:opening:${id}`, "C0INCID01");
    await stage.store.face.once(`slack:open:${id}`, 60_000);
    await stage.restart();
    await reportOf(stage, await headlineOf(stage));
    expect(marked(stage, "shodo_headline")).toHaveLength(1);
  });

  it("edits its headline when it recovers", async () => {
    const stage = await open();
    await fire(stage);
    const headline = await headlineOf(stage);
    await reportOf(stage, headline);
    await fire(stage, { state: "resolved" });
    await shows(stage, headline, "Recovered");
    await shows(stage, headline, "✅");
    expect(marked(stage, "shodo_headline")).toHaveLength(1);
  });

  it("that is part of another leads to the surviving thread, and posts no report of its own", async () => {
    const stage = await open({ script: { pace: "manual" } });
    await fire(stage);
    await fire(stage, { fingerprint: "db", name: "postgres connections", service: "postgres" });
    await stage.double.until(() => marked(stage, "shodo_headline").length === 2, "two threads");
    const [part, survivor] = stage.analyst.all;
    const headlines = marked(stage, "shodo_headline");
    const of = (id?: string) =>
      headlines.find((one) => JSON.stringify(one.metadata).includes(id ?? "?"));
    stage.analyst.merge(part?.id ?? "", survivor?.id ?? "");
    const [from, to] = [of(part?.id), of(survivor?.id)];
    if (!from || !to) throw new Error("a thread is missing");
    const link = `https://double.slack.com/archives/C0INCID01/p${to.ts.replace(".", "")}`;
    await shows(stage, from, "Part of another incident: postgres connections");
    await shows(stage, from, link);
    stage.analyst.next(survivor?.id ?? "", 100);
    await reportOf(stage, to);
    await stage.face.settled();
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });

  it("goes to its service's channel, and nowhere when no channel is set", async () => {
    const routed = await open({
      settings: { routes: [{ service: "checkout", channel: "C0SHOP001" }] },
    });
    await fire(routed);
    expect((await headlineOf(routed)).channel).toBe("C0SHOP001");
    await routed.close();
    const silent = await open({ settings: { alarmChannel: null } });
    await fire(silent);
    await silent.double.until(() => silent.analyst.all[0]?.state === "reported");
    await silent.face.settled();
    expect(silent.double.workspace.messages).toHaveLength(0);
  });

  it("of another integration is investigated in that message's thread", async () => {
    const stage = await open();
    const alarm = await stage.double.botSays(
      "B0ALARM01",
      "C0SHOP001",
      "ALARM: checkout 5xx is 18.4",
    );
    await reportOf(stage, alarm);
    const again = await stage.double.botSays(
      "B0ALARM01",
      "C0SHOP001",
      "ALARM: checkout 5xx is 19.1",
    );
    await stage.double.until(() => again.reactions.has("repeat"));
    expect(marked(stage, "shodo_report")).toHaveLength(1);
    const headline = stage.double.workspace
      .thread("C0SHOP001", alarm.ts)
      .find((one) => one.bot === stage.double.workspace.botId);
    await stage.double.until(() => headline && seen(headline).includes("fired 2 times"));
  });

  it("that says all it has to say in an attachment is read there", async () => {
    const stage = await open();
    const attachments = [
      {
        title: "Checkout 5xx",
        text: "above 5 % for 5 min",
        fields: [{ title: "now", value: "18" }],
      },
    ];
    const alarm = await stage.double.botSays("B0ALARM01", "C0SHOP001", "", { attachments });
    await reportOf(stage, alarm);
    expect(stage.analyst.requests[0]?.alarm?.name).toBe(
      "Checkout 5xx | above 5 % for 5 min | now: 18",
    );
  });

  it("in whose thread the headline was posted but not written down gets no second one", async () => {
    const stage = await open({ script: { pace: "manual" } });
    const alarm = await stage.double.botSays("B0ALARM01", "C0SHOP001", "ALARM: checkout 5xx");
    const headlines = () => marked(stage, "shodo_headline", alarm);
    await stage.double.until(() => headlines()[0], "a headline");
    await stage.face.settled();
    await stage.face.stop();
    const key = `slack:case:${stage.analyst.all[0]?.id}`;
    const record = (await stage.store.face.get(key)) as Record<string, unknown>;
    await stage.store.face.put(key, { ...record, headline: null, wantsHeadline: true });
    await stage.restart();
    stage.analyst.next(stage.analyst.all[0]?.id ?? "", 100);
    await reportOf(stage, alarm);
    expect(headlines()).toHaveLength(1);
  });

  it("from a bot that nobody listed is none of our business", async () => {
    const stage = await open();
    await stage.double.botSays("B0OTHER01", "C0SHOP001", "ALARM: buy our product");
    await stage.face.settled();
    expect(stage.analyst.requests).toHaveLength(0);
  });
});
