import type { Alarm } from "../../core/alarm.ts";
import type { Incident } from "../../core/incident.ts";
import { requestBy } from "../../core/investigation-request.ts";
import type { Report } from "../../core/report.ts";
import { rendered } from "./double/workspace.ts";
import { japaneseReport, japaneseSteps } from "./japanese-report.ts";
import { sampleAlarm } from "./sample-case.ts";
import { inconclusiveReport, sampleReport } from "./sample-report.ts";
import { sampleSteps } from "./sample-steps.ts";
import type { Script } from "./script.ts";
import type { Stage } from "./stage.ts";

/** The script behind the story: one incident stays open, one fails, one is not sure. */
export const storyScript: Script = {
  pace: "manual",
  failsAfter: (incident) => (incident.title.includes("payments") ? 3 : null),
  steps: (incident) => (isJapanese(incident) ? japaneseSteps() : sampleSteps),
  report: (incident, isStopped) => storyReport(incident, isStopped),
  answering: sampleSteps.slice(1, 3),
};

function storyReport(incident: Incident, isStopped: boolean): Report {
  const isUnsure = incident.title.includes("slow");
  const base = isJapanese(incident)
    ? japaneseReport()
    : isUnsure
      ? inconclusiveReport()
      : sampleReport();
  const status = isStopped ? "partial" : "complete";
  return { ...base, id: `rep_${incident.id}`, title: incident.title, status };
}

function isJapanese({ title }: Incident): boolean {
  return /[\u3040-\u30ff]/.test(title);
}

/** Where each screen is to be seen. */
export interface Scene {
  readonly name: string;
  readonly user: string;
  readonly channel: string;
  readonly thread: string | null;
  readonly view: "channel" | "home";
}

/**
 * Plays all ten screens, one after the other; `show` is called whenever one is ready to be looked
 * at. A person may go on from there.
 */
export async function playStory(
  stage: Stage,
  show: (scene: Scene) => Promise<void>,
): Promise<void> {
  const { double, analyst } = stage;
  const ana = double.user("U0ANA0001");
  const at = (name: string, channel: string, thread: string | null, user = "U0ANA0001") =>
    show({ name, user, channel, thread, view: "channel" });
  const idOf = (part: string) => analyst.all.find((one) => one.title.includes(part))?.id ?? "";
  const threadOf = async (channel: string, root: string, type: string) =>
    double.until(
      () => double.workspace.thread(channel, root).find((one) => one.metadata.event_type === type),
      `a ${type}`,
    );

  // S1, S2: a person asks.
  const asked = await ana.mention("C0SHOP001", "customers say checkout fails, what broke?");
  await double.until(() => idOf("customers"));
  analyst.next(idOf("customers"), 1);
  await double.until(() => double.workspace.sessions.size > 0);
  await at("s1-start", "C0SHOP001", asked.message.ts);
  analyst.next(idOf("customers"), 6);
  await double.until(() =>
    double.workspace
      .thread("C0SHOP001", asked.message.ts)
      .some((one) => (one.stream?.tasks.size ?? 0) >= 3),
  );
  await at("s2-live-progress", "C0SHOP001", asked.message.ts);

  // S3: an alarm posts by itself, fires again, is counted.
  const by = { id: "alarm", name: "alarm", role: "admin", door: "alarm" } as const;
  const fireOther = () =>
    start(
      sampleAlarm({
        fingerprint: "db",
        name: "orders-db connections",
        service: "orders-db",
        metric: "connections",
        observed: 100,
        threshold: 90,
        firedAt: Date.now(),
      }),
    );
  const fire = (firedAt: number) => start(sampleAlarm({ firedAt }));
  const start = (alarm: Alarm) =>
    analyst.start(
      requestBy(by, {
        alarm,
      }),
    );
  const now = Date.now();
  await fire(now - 120_000);
  const headline = await double.until(() =>
    double.workspace.messages.find((one) => one.metadata.event_type === "shodo_headline"),
  );
  await fire(now - 60_000);
  await fire(now);
  analyst.next(idOf("5xx"), 7);
  await double.until(() => JSON.stringify(rendered(headline)).includes("fired 3 times"));
  await double.until(() => JSON.stringify(rendered(headline)).includes("share rose"));
  await at("s3-alarm", "C0INCID01", null);

  // S4, S5: the report, and someone who takes it.
  analyst.next(idOf("5xx"), 100);
  const report = await threadOf("C0INCID01", headline.ts, "shodo_report");
  await at("s4-report", "C0INCID01", headline.ts);
  await ana.click(report, "Acknowledge");
  await double.until(() => JSON.stringify(rendered(report)).includes("Acknowledged"));
  await at("s5-acknowledged", "C0INCID01", headline.ts);
  const unsure = await ana.mention("C0SHOP001", "why is search slow?");
  await double.until(() => idOf("slow"));
  analyst.next(idOf("slow"), 100);
  await threadOf("C0SHOP001", unsure.message.ts, "shodo_report");
  await at("s4-inconclusive", "C0SHOP001", unsure.message.ts);
  const japanese = await ana.mention("C0JAPAN01", "決済が失敗しているのはなぜ？");
  await double.until(() => idOf("決済"));
  analyst.next(idOf("決済"), 100);
  await threadOf("C0JAPAN01", japanese.message.ts, "shodo_report");
  await at("s4-japanese", "C0JAPAN01", japanese.message.ts);

  // S6: an approver reviews the runbook.
  const ben = double.user("U0BEN0001");
  await ben.click(report, "Review runbook");
  await double.until(() => JSON.stringify(ben.modal()?.view ?? {}).includes("aws ecs"));
  await at("s6-runbook", "C0INCID01", headline.ts, "U0BEN0001");
  await ben.submit({ decision: "approved", reason: "matches the deploy in E3, agreed with Ana" });
  await double.until(() =>
    double.workspace.thread("C0INCID01", headline.ts).some((one) => one.text.includes("Approved")),
  );
  await ana.select(report, "P0");
  await double.until(() => ana.modal());
  await at("s5-priority", "C0INCID01", headline.ts);
  await ana.submit({ reason: "the launch campaign starts in ten minutes" });

  // S7: a question in the thread, without a mention.
  await ana.say("C0INCID01", "how many orders did we lose?", headline.ts);
  await double.until(() =>
    double.workspace
      .thread("C0INCID01", headline.ts)
      .some((one) => JSON.stringify(rendered(one)).includes("From the evidence")),
  );
  await at("s7-follow-up", "C0INCID01", headline.ts);
  await ana.feedback(report, "bad");
  await double.until(() => ana.modal());
  await at("s5-feedback", "C0INCID01", headline.ts);
  await ana.submit({ "feedback-reason": "missed", "feedback-text": "the cache was cold too" });

  // S3: a second alarm turns out to be part of the first.
  await fireOther();
  const second = await double.until(() =>
    double.workspace.messages.find(
      (one) => one.metadata.event_type === "shodo_headline" && one.ts !== headline.ts,
    ),
  );
  analyst.merge(idOf("connections"), idOf("5xx"));
  await double.until(() => JSON.stringify(rendered(second)).includes("Open thread"));
  await at("s3-merged", "C0INCID01", null);

  // S9: a run that fails of our own fault.
  const failed = await ana.mention("C0SHOP001", "are payments healthy?");
  await double.until(() => idOf("payments"));
  analyst.next(idOf("payments"), 100);
  await double.until(() =>
    double.workspace
      .thread("C0SHOP001", failed.message.ts)
      .some((one) => one.text.includes("investigation failed")),
  );
  await at("s9-error", "C0SHOP001", failed.message.ts);

  // S8, S10, and a native Stop.
  await ana.openHome("home");
  await double.until(() => double.workspace.homes.get("U0ANA0001"));
  await show({
    name: "s8-home",
    user: "U0ANA0001",
    channel: "C0INCID01",
    thread: null,
    view: "home",
  });
  await ana.stop("C0SHOP001", asked.message.ts);
  await threadOf("C0SHOP001", asked.message.ts, "shodo_report");
  await at("s2-stopped", "C0SHOP001", asked.message.ts);
  await ana.openHome("messages");
  const question = await ana.dm("is anything broken right now?");
  await double.until(() => idOf("right now"));
  analyst.next(idOf("right now"), 4);
  await double.until(() =>
    double.workspace
      .thread(question.message.channel, question.message.ts)
      .some((one) => (one.stream?.tasks.size ?? 0) > 0),
  );
  await at("s10-direct", question.message.channel, question.message.ts);
}
