import { describe, expect, it } from "vitest";
import type { DoubleMessage } from "./testing/double/workspace.ts";
import { sampleSteps } from "./testing/sample-steps.ts";
import { ShiftClock } from "./testing/shift-clock.ts";
import type { Stage } from "./testing/stage.ts";
import { marked, reportOf, seen, shows, usingStage } from "./testing/using-stage.ts";

const open = usingStage();
const query = sampleSteps.filter(
  (step) => step.kind === "tool-call" || step.kind === "tool-result",
);
const answering = [
  ...query.slice(0, 2),
  "About **18%** of checkout requests fail [E1];",
  "About **18%** of checkout requests fail [E1]; orders fell",
] as const;
const script = { answering, answerPace: "manual" } as const;

/** A reported incident, and a question in its thread whose answer waits to go on. */
async function asked(stage: Stage) {
  const ana = stage.double.user("U0ANA0001");
  const { message } = await ana.mention("C0SHOP001", "what broke?");
  const report = await reportOf(stage, message);
  await stage.double.until(() => message.reactions.has("white_check_mark"), "the end of the run");
  const id = stage.analyst.all[0]?.id ?? "";
  const count = stage.analyst.questions.length;
  void ana.say("C0SHOP001", "how many orders?", message.ts);
  await stage.double.until(() => stage.analyst.questions.length > count || look(stage), "it");
  const after = (one: DoubleMessage) => one.ts > report.ts && one.bot !== null;
  const answers = () => stage.double.workspace.thread("C0SHOP001", message.ts).filter(after);
  return { message, id, answers };
}

function look(stage: Stage): boolean {
  return stage.analyst.questions.length > 0;
}

/** What a process leaves that dies after its answer and before it crosses the question out. */
async function leftBehind(stage: Stage, question: DoubleMessage | undefined, root: string) {
  const { team, appId } = stage.double.workspace;
  const ts = question?.ts ?? "";
  await stage.store.face.put(`slack:answer:C0SHOP001:${ts}`, { ts: null, at: Date.now() });
  await stage.store.face.put("slack:inbox:EvLeft", {
    ...{ type: "event_callback", team_id: team, api_app_id: appId, event_id: "EvLeft" },
    event: {
      ...{ type: "message", channel_type: "channel", channel: "C0SHOP001", user: "U0ANA0001" },
      ...{ text: "how many orders?", ts, event_ts: ts, thread_ts: root },
    },
  });
}

describe("an answer", () => {
  it("is written while people watch: queries first, then sentences, then its sources", async () => {
    const stage = await open({ script });
    const { id, answers } = await asked(stage);
    stage.analyst.nextOfAnswer(id, 2);
    const live = await stage.double.until(() => answers()[0]?.stream && answers()[0], "a stream");
    expect(live.stream).toMatchObject({ mode: "timeline", open: true });
    expect(live.stream?.tasks.size).toBe(1);
    stage.analyst.nextOfAnswer(id, 1);
    await shows(stage, live, "About **18%** of checkout requests fail [E1];");
    expect(live.stream?.open).toBe(true);
    stage.analyst.nextOfAnswer(id, 10);
    await shows(stage, live, "From the evidence");
    expect(live.stream).toMatchObject({
      open: false,
      text: "About **18%** of checkout requests fail [E1]; orders fell by 38% [E5].",
    });
    expect(answers()).toHaveLength(1);
    expect(marked(stage, "shodo_answer")).toHaveLength(1);
  });

  it("is finished by an edit when its stream died", async () => {
    const clock = new ShiftClock();
    const stage = await open({ script, face: { clock }, double: { clock } });
    stage.double.faults.streamTtlMs = 60_000;
    const { id, answers } = await asked(stage);
    stage.analyst.nextOfAnswer(id, 3);
    const live = await stage.double.until(() => answers()[0], "a stream");
    clock.shift(61_000);
    stage.analyst.nextOfAnswer(id, 10);
    await shows(stage, live, "orders fell by 38% [E5].");
    await shows(stage, live, "From the evidence");
    expect(live.stream).toBeNull();
    expect(answers()).toHaveLength(1);
  });

  it("says no sentence twice when Slack took it and its answer was lost", async () => {
    const stage = await open({ script });
    const { id, answers } = await asked(stage);
    stage.analyst.nextOfAnswer(id, 2);
    const live = await stage.double.until(() => answers()[0]?.stream && answers()[0], "a stream");
    stage.double.faults.next("chat.appendStream", { kind: "lost-answer" });
    stage.analyst.nextOfAnswer(id, 1);
    await shows(stage, live, "About **18%** of checkout requests fail [E1];");
    stage.analyst.nextOfAnswer(id, 10);
    await shows(stage, live, "From the evidence");
    expect(seen(live).match(/of checkout requests fail/g)).toHaveLength(1);
    expect(seen(live)).toContain("orders fell by 38% [E5].");
    expect(answers()).toHaveLength(1);
  });

  it("replaces sentences that did not hold", async () => {
    const stage = await open({
      script: { answering: ["It was DNS [E9]."], answerPace: "manual" },
    });
    const { id, answers } = await asked(stage);
    stage.analyst.nextOfAnswer(id, 1);
    const live = await stage.double.until(() => answers()[0], "a stream");
    await shows(stage, live, "It was DNS");
    stage.analyst.nextOfAnswer(id, 10);
    await shows(stage, live, "orders fell by 38% [E5].");
    expect(seen(live)).not.toContain("DNS");
    expect(answers()).toHaveLength(1);
  });

  it.each(["missing_recipient_user_id", "internal_error"])(
    "comes as one message when a stream cannot start: %s",
    async (error) => {
      const stage = await open({ script });
      const { id, answers } = await asked(stage);
      stage.double.faults.always("chat.startStream", { kind: "error", error });
      stage.analyst.nextOfAnswer(id, 10);
      const answer = await stage.double.until(() => answers()[0], "an answer");
      expect(seen(answer)).toContain("orders fell by 38% [E5].");
      expect(answer.stream).toBeNull();
    },
    60_000,
  );

  it("comes as one message to people of another organisation", async () => {
    const roles = { responder: { users: ["U0ANA0001", "U0GUEST01"] } };
    const stage = await open({ settings: { roles } });
    const guest = stage.double.user("U0GUEST01");
    const { message } = await guest.mention("C0SHARE01", "what broke?");
    await reportOf(stage, message);
    await guest.say("C0SHARE01", "how many orders?", message.ts);
    await stage.double.until(() => marked(stage, "shodo_answer", message)[0], "an answer");
    expect(stage.double.callCounts.get("chat.startStream")).toBeUndefined();
  });

  it("that a dead process had begun is finished in its own message", async () => {
    const stage = await open({ script });
    const { id, answers } = await asked(stage);
    stage.analyst.nextOfAnswer(id, 3);
    const live = await stage.double.until(() => answers()[0], "a stream");
    await shows(stage, live, "About **18%**");
    await stage.restart();
    await stage.double.until(() => stage.analyst.questions.length === 2, "the question again");
    stage.analyst.nextOfAnswer(id, 100);
    await shows(stage, live, "From the evidence");
    await stage.face.settled();
    expect(answers()).toHaveLength(1);
  });

  it("that a dead process had given, without crossing it out, is not given again", async () => {
    const stage = await open();
    const { message, id, answers } = await asked(stage);
    await stage.double.until(() => marked(stage, "shodo_answer")[0], "an answer");
    await stage.face.settled();
    const question = stage.double.workspace
      .thread("C0SHOP001", message.ts)
      .find((one) => one.text === "how many orders?");
    await stage.face.stop();
    await leftBehind(stage, question, message.ts);
    await stage.restart();
    await expect.poll(() => stage.store.face.list("slack:inbox:")).toEqual([]);
    await stage.face.settled();
    expect(await stage.store.face.list("slack:answer:")).toEqual([]);
    expect(stage.analyst.questions).toHaveLength(1);
    expect(answers()).toHaveLength(1);
    expect(id).not.toBe("");
  });

  it("whose stream was started by a process that died before it knew goes on in it", async () => {
    const stage = await open({ script });
    const { message, id, answers } = await asked(stage);
    stage.analyst.nextOfAnswer(id, 3);
    const live = await stage.double.until(() => answers()[0], "a stream");
    await shows(stage, live, "About **18%**");
    const known = () => stage.store.face.list("slack:answer:");
    await expect.poll(known).toMatchObject([{ value: { ts: live.ts } }]);
    for (const { key, value } of await known()) {
      await stage.store.face.put(key, { ...(value as object), ts: null });
    }
    await stage.restart();
    await stage.double.until(() => stage.analyst.questions.length === 2, "the question again");
    stage.analyst.nextOfAnswer(id, 100);
    await shows(stage, live, "From the evidence");
    await stage.face.settled();
    expect(answers()).toHaveLength(1);
    expect(marked(stage, "shodo_answer", message).length).toBeLessThanOrEqual(1);
  });

  it("stops on the native Stop", async () => {
    const stage = await open({ script });
    const { message, id, answers } = await asked(stage);
    stage.analyst.nextOfAnswer(id, 2);
    const live = await stage.double.until(() => answers()[0], "a stream");
    await stage.double.user("U0ANA0001").stop("C0SHOP001", message.ts);
    stage.analyst.nextOfAnswer(id, 1);
    await shows(stage, live, "Stopped.");
    expect(live.stream?.open).toBe(false);
  });

  it("that fails says so in the same message, without a stack", async () => {
    const stage = await open({
      script: {
        ...script,
        answer: () => {
          throw new Error("boom at /srv/secret.ts:1");
        },
      },
    });
    const { id, answers } = await asked(stage);
    stage.analyst.nextOfAnswer(id, 10);
    const answer = await stage.double.until(
      () => answers().find((one) => seen(one).includes("our fault")),
      "an apology",
    );
    expect(seen(answer)).toContain("run_inc_000001");
    expect(seen(answer)).not.toContain("secret.ts");
    expect(answers()).toHaveLength(1);
  });
});
