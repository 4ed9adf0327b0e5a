import { afterEach, expect } from "vitest";
import { type DoubleMessage, rendered } from "./double/workspace.ts";
import { openStage, type Stage, type StageOptions } from "./stage.ts";

/** A stage per test, closed afterwards; a call that Slack does not know fails the test. */
export function usingStage(): (options?: StageOptions) => Promise<Stage> {
  let stage: Stage | null = null;
  afterEach(async () => {
    const misuses = stage?.double.misuses ?? [];
    await stage?.close();
    stage = null;
    expect(misuses).toEqual([]);
  });
  return async (options = {}) => {
    stage = await openStage(options);
    return stage;
  };
}

/** All messages of a kind in a thread, or anywhere. */
export function marked(stage: Stage, type: string, root?: DoubleMessage): DoubleMessage[] {
  const { workspace } = stage.double;
  const from = root ? workspace.thread(root.channel, root.ts) : workspace.messages;
  return from.filter((one) => one.metadata.event_type === type && !one.deleted);
}

/** Waits for it; in the thread of `root`, else anywhere. Rejects when none comes. */
export function reportOf(stage: Stage, root?: DoubleMessage): Promise<DoubleMessage> {
  return stage.double.until(() => marked(stage, "shodo_report", root)[0], "a report");
}

/** The words a person can read on a message. */
export function seen(message: DoubleMessage): string {
  return JSON.stringify(rendered(message));
}

/** Resolves when a message shows this text. */
export function shows(stage: Stage, message: DoubleMessage, text: string): Promise<true> {
  return stage.double.until(() => seen(message).includes(text), `“${text}” on the message`);
}

/** The newest message that only this person sees. */
export function whisperTo(stage: Stage, user: string, text: string): Promise<DoubleMessage> {
  return stage.double.until(
    () =>
      stage.double.workspace.messages.find(
        (one) => one.ephemeralFor === user && (one.text + seen(one)).includes(text),
      ),
    `“${text}” for ${user}`,
  );
}
