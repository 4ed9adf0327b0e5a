import { describe, expect, it } from "vitest";
import type { Principal } from "../../core/principal.ts";
import { ShiftClock } from "../testing/shift-clock.ts";
import type { Stage } from "../testing/stage.ts";
import { marked, reportOf, seen, shows, usingStage, whisperTo } from "../testing/using-stage.ts";

const open = usingStage();

async function reported(stage: Stage) {
  const { message } = await stage.double.user("U0ANA0001").mention("C0SHOP001", "what broke?");
  const report = await reportOf(stage, message);
  await stage.double.until(() => message.reactions.has("white_check_mark"), "the end of the run");
  return { message, report };
}

describe("Acknowledge", () => {
  it("is one person's, told to the next, and rebuilt from stored state", async () => {
    const stage = await open({ settings: { roles: { responder: { everyone: true } } } });
    const { report } = await reported(stage);
    const [ana, ben] = [stage.double.user("U0ANA0001"), stage.double.user("U0BEN0001")];
    await Promise.all([ana.click(report, "Acknowledge"), ben.click(report, "Acknowledge")]);
    await shows(stage, report, "Acknowledged by");
    const first = stage.analyst.all[0]?.acknowledgedBy?.id ?? "";
    const second = first === "U0ANA0001" ? "U0BEN0001" : "U0ANA0001";
    await whisperTo(stage, second, "Already acknowledged by");
    await expect(ana.click(report, "Acknowledge")).rejects.toThrow("no button");
  });

  it("is refused to a viewer, and the refusal is in the audit log", async () => {
    const stage = await open();
    const { report } = await reported(stage);
    await stage.double.user("U0CHI0001").click(report, "Acknowledge");
    await whisperTo(stage, "U0CHI0001", "You may not acknowledge an incident yet");
    expect(stage.analyst.all[0]?.acknowledgedBy).toBeNull();
    const log = await stage.store.audit.read(0, 100);
    expect(log.some((one) => one.by === "U0CHI0001" && one.detail.verdict === "denied")).toBe(true);
    expect(await stage.store.audit.verify()).toMatchObject({ kind: "intact" });
  });
});

describe("Change priority", () => {
  it("asks for a reason, overrides, and shows who and why", async () => {
    const stage = await open();
    const { report } = await reported(stage);
    const ana = stage.double.user("U0ANA0001");
    await ana.select(report, "P0");
    await stage.double.until(() => ana.modal());
    await ana.submit({ reason: "launch day" });
    await shows(stage, report, "set by <@U0ANA0001>: launch day");
    await shows(stage, report, "🔴 P0");
  });

  it("opens no modal for those who may not", async () => {
    const stage = await open();
    const { report } = await reported(stage);
    const chie = stage.double.user("U0CHI0001");
    await chie.select(report, "P0");
    await whisperTo(stage, "U0CHI0001", "You may not change a priority yet");
    expect(chie.modal()).toBeNull();
  });
});

describe("Review runbook", () => {
  it("shows the exact command to an approver, records the decision and runs nothing", async () => {
    const stage = await open();
    const { message, report } = await reported(stage);
    const ben = stage.double.user("U0BEN0001");
    await ben.click(report, "Review runbook");
    await stage.double.until(() => JSON.stringify(ben.modal()?.view ?? {}).includes("orders:41"));
    const session = `C0SHOP001:${message.ts}`;
    await stage.double.until(
      () => stage.double.workspace.sessions.get(session)?.status === "suspended",
    );
    await ben.submit({ decision: "approved", reason: "matches E3" });
    await stage.double.until(() => stage.analyst.decisions.length === 1);
    expect(stage.analyst.decisions[0]).toMatchObject({ verdict: "approved", reason: "matches E3" });
    await stage.double.until(() =>
      stage.double.workspace
        .thread("C0SHOP001", message.ts)
        .some((one) => seen(one).includes("Nothing was executed")),
    );
    await stage.double.until(
      () => stage.double.workspace.sessions.get(session)?.status === "active",
    );
  });

  it("is closed to responders", async () => {
    const stage = await open();
    const { report } = await reported(stage);
    await stage.double.user("U0ANA0001").click(report, "Review runbook");
    await whisperTo(stage, "U0ANA0001", "takes the role *approver*");
    expect(stage.double.user("U0ANA0001").modal()).toBeNull();
  });

  it("expires, and needs two people when so set", async () => {
    const clock = new ShiftClock();
    const stage = await open({
      settings: { twoPeople: true, roles: { admin: { users: ["U0ANA0001"] } } },
      face: { clock },
      double: { clock },
    });
    const { report } = await reported(stage);
    const ana = stage.double.user("U0ANA0001");
    await ana.click(report, "Review runbook");
    await stage.double.until(() => ana.modal()?.view.submit);
    const own = await ana.submit({ decision: "approved", reason: "I say so" });
    expect(JSON.stringify(own)).toContain("Ask a colleague");
    clock.shift(16 * 60_000);
    const late = await ana.submit({ decision: "rejected", reason: "too late" });
    expect(JSON.stringify(late)).toContain("expired");
    expect(stage.analyst.decisions).toHaveLength(0);
  });

  it("has the service's name typed by hand for P0", async () => {
    const stage = await open();
    const { report } = await reported(stage);
    const ana = stage.double.user("U0ANA0001");
    await ana.select(report, "P0");
    await stage.double.until(() => ana.modal());
    await ana.submit({ reason: "launch day" });
    await shows(stage, report, "🔴 P0");
    const ben = stage.double.user("U0BEN0001");
    await ben.click(report, "Review runbook");
    await stage.double.until(() => ben.modal()?.view.submit);
    const wrong = await ben.submit({ decision: "approved", reason: "go on", service: "checkout" });
    expect(JSON.stringify(wrong)).toContain("Type exactly: orders");
    await ben.submit({ decision: "approved", reason: "go on", service: "orders" });
    await stage.double.until(() => stage.analyst.decisions.length === 1);
  });
});

describe("Feedback", () => {
  it("keeps a thumbs-up, and asks why for a thumbs-down", async () => {
    const stage = await open();
    const { report } = await reported(stage);
    await stage.double.user("U0CHI0001").feedback(report, "good");
    await whisperTo(stage, "U0CHI0001", "Thank you");
    const ana = stage.double.user("U0ANA0001");
    await ana.feedback(report, "bad");
    await stage.double.until(() => ana.modal());
    await ana.submit({ "feedback-reason": "wrong-cause", "feedback-text": "it was DNS" });
    await stage.double.until(() => stage.analyst.feedbacks.length === 2);
    expect(stage.analyst.feedbacks[1]).toMatchObject({
      verdict: "not-helpful",
      reason: "wrong-cause: it was DNS",
    });
  });
});

describe("other buttons", () => {
  it("brings the whole report into the thread when there is no page for it", async () => {
    const stage = await open();
    const { message, report } = await reported(stage);
    await stage.double.user("U0ANA0001").click(report, "Open report");
    const file = await stage.double.until(() =>
      stage.double.workspace
        .thread("C0SHOP001", message.ts)
        .find((one) => seen(one).includes("slack_file")),
    );
    const id = /"slack_file":\{"id":"(F\d+)"/.exec(seen(file))?.[1] ?? "";
    const body = stage.double.workspace.files.get(id);
    expect(body?.name).toMatch(/\.md$/);
    expect(new TextDecoder().decode(body?.body)).toContain("8f31c2");
  });

  it("links to the page when there is one", async () => {
    const stage = await open({ settings: { publicUrl: "https://shodo.example" } });
    const { report } = await reported(stage);
    expect(seen(report)).toContain("https://shodo.example/reports/inc_000001");
  });

  it("gives each person a link of their own where pages ask who they are", async () => {
    const asked: unknown[] = [];
    const signInLink = async ({ id, role }: Principal, path: string) => {
      asked.push([id, role, path]);
      return `https://shodo.example/sign-in?token=for-${id}`;
    };
    const stage = await open({
      settings: { publicUrl: "https://shodo.example" },
      face: { signInLink },
    });
    const { report } = await reported(stage);
    expect(seen(report)).not.toContain("https://shodo.example");
    await stage.double.user("U0CHI0001").click(report, "Open report");
    const own = await whisperTo(stage, "U0CHI0001", "Your own link to the report");
    expect(seen(own)).toContain("token=for-U0CHI0001");
    expect(own.text).not.toContain("token");
    await stage.double.user("U0DAN0001").click(report, "Open report");
    await whisperTo(stage, "U0DAN0001", "You may not see incidents yet");
    expect(asked).toEqual([["U0CHI0001", "viewer", "/reports/inc_000001"]]);
  });

  it("answers a button of an older version with a hint, not with silence", async () => {
    const stage = await open();
    const old = stage.double.workspace.add({
      channel: "C0SHOP001",
      text: "old",
      bot: stage.double.workspace.botId,
      blocks: [
        {
          type: "actions",
          elements: [
            {
              type: "button",
              action_id: "shodo.escalate.v0",
              text: { type: "plain_text", text: "Escalate" },
              value: "x",
            },
          ],
        },
      ],
    });
    await stage.double.user("U0ANA0001").click(old, "Escalate");
    await whisperTo(stage, "U0ANA0001", "older version of Shodo");
  });

  it("says sorry once when a run fails, keeps what was found, and tries again", async () => {
    let isBroken = true;
    const stage = await open({ script: { failsAfter: () => (isBroken ? 3 : null) } });
    const ana = stage.double.user("U0ANA0001");
    const { message } = await ana.mention("C0SHOP001", "what broke?");
    const sorry = await stage.double.until(() =>
      stage.double.workspace
        .thread("C0SHOP001", message.ts)
        .find((one) => one.text.includes("The investigation failed")),
    );
    expect(seen(sorry)).toContain("metrics could not be read: connection refused");
    expect(seen(sorry)).toContain("run_inc_000001");
    expect(seen(sorry)).toContain("5xx share rose");
    expect(seen(sorry)).not.toMatch(/at .*\.ts:\d+/);
    isBroken = false;
    await ana.click(sorry, "Try again");
    await reportOf(stage, message);
    expect(stage.analyst.all).toHaveLength(1);
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });
});

describe("App Home", () => {
  it("lists what is open, and takes it from there", async () => {
    const stage = await open();
    await reported(stage);
    const ana = stage.double.user("U0ANA0001");
    await ana.openHome("home");
    const home = await stage.double.until(() => stage.double.workspace.homes.get("U0ANA0001"));
    expect(JSON.stringify(home)).toContain("what broke?");
    await ana.clickHome("Acknowledge");
    await stage.double.until(() => stage.analyst.all[0]?.acknowledgedBy);
    await stage.double.until(() =>
      JSON.stringify(stage.double.workspace.homes.get("U0ANA0001")).includes("On it: <@U0ANA0001>"),
    );
  });

  it("shows nobody's incidents to people without a role", async () => {
    const stage = await open();
    await reported(stage);
    await stage.double.user("U0DAN0001").openHome("home");
    const home = await stage.double.until(() => stage.double.workspace.homes.get("U0DAN0001"));
    expect(JSON.stringify(home)).not.toContain("what broke?");
    expect(JSON.stringify(home)).toContain("You have no role yet");
  });
});
