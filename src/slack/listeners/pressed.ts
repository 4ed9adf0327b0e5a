import { asJson, type Json } from "../blocks/shape-checks.ts";
import type { MessageView } from "../blocks/types.ts";
import type { CaseRecord } from "../cases.ts";
import { type Words, wordsOf } from "../messages/words.ts";
import { languageIn, type Parts } from "../parts.ts";
import type { SlackPerson } from "../roles.ts";
import { noteView } from "../views/notes.ts";
import { personOf } from "./who-asked.ts";

/** What was pressed, read from the payload; posted blocks are never trusted, only the value. */
export interface Pressed {
  readonly person: SlackPerson;
  readonly value: string;
  readonly trigger: string;
  readonly channel: string | null;
  readonly thread: string | null;
  readonly body: Json;
}

/**
 * Reads presses of buttons and menus, in messages and modals alike. `value` is the chosen option's,
 * else the button's, else empty; without a message, channel and thread are null.
 */
export function pressed(parts: Parts, body: unknown, action: unknown): Pressed {
  const payload = asJson(body);
  const container = asJson(payload.container);
  const source = asJson(payload.message);
  const pressedAction = asJson(action);
  const chosen = asJson(pressedAction.selected_option).value;
  const thread = source.thread_ts ?? container.thread_ts ?? source.ts ?? container.message_ts;
  const channel = asJson(payload.channel).id ?? container.channel_id;
  return {
    person: personOf(parts, String(asJson(payload.user).id), payload),
    value: String(chosen ?? pressedAction.value ?? ""),
    trigger: String(payload.trigger_id ?? ""),
    channel: typeof channel === "string" ? channel : null,
    thread: typeof thread === "string" ? thread : null,
    body: payload,
  };
}

/** The case and the words of whoever pressed; says so when the incident is gone. */
export async function caseOf(
  parts: Parts,
  press: Pressed,
  incident: string,
): Promise<{ record: CaseRecord; words: Words } | null> {
  const record = await parts.cases.get(incident);
  if (record) return { record, words: wordsOf(record.language) };
  const words = wordsOf(languageIn(parts, press.channel ?? ""));
  await tell(parts, press, noteView(words.goneIncident));
  return null;
}

/** Answers where the person is: in the thread for them alone, or in their messages with the app. */
export async function tell(parts: Parts, press: Pressed, view: MessageView): Promise<void> {
  if (press.channel) {
    await parts.poster.whisper(
      { channel: press.channel, thread: press.thread },
      press.person.user,
      view,
    );
    return;
  }
  await parts.poster.post({ channel: press.person.user, thread: null }, view);
}
