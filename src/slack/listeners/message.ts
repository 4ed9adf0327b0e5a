import { createHash } from "node:crypto";
import type { Alarm } from "../../core/alarm.ts";
import type { Principal } from "../../core/principal.ts";
import { clip, plain } from "../blocks/foreign-text.ts";
import { asJson, type Json } from "../blocks/shape-checks.ts";
import type { Desk } from "../desk.ts";
import { languageIn, type Parts, wordsIn } from "../parts.ts";
import { startCase } from "../start-case.ts";
import { emptyView, noteView } from "../views/notes.ts";
import { askInThread } from "./ask-in-thread.ts";
import type { Listener } from "./listener.ts";
import { readable, textOfMessage } from "./message-text.ts";
import { personOf, recipientOf } from "./who-asked.ts";

/**
 * Messages without a mention: to the app directly (S10), in a thread that an incident owns (S7),
 * and from bots that are listed as senders of alarms. Everything else is none of our business.
 */
export const message: Listener = {
  name: "message",
  needs: {
    events: ["message.im", "message.channels", "message.groups"],
    scopes: ["im:history", "channels:history", "groups:history", "chat:write"],
  },
  register(app, parts, desk) {
    app.message(async ({ event, body }) => {
      const sent = asJson(event);
      const envelope = asJson(body);
      if (isAlarm(parts, sent)) {
        return parts.work.run("alarm-message", () => alarmMessage(parts, desk, sent));
      }
      if (sent.subtype !== undefined && sent.subtype !== "file_share") return;
      if (sent.bot_id || typeof sent.user !== "string" || typeof sent.text !== "string") return;
      if (sent.channel_type === "im") {
        return parts.work.run("direct", () => direct(parts, desk, sent, envelope));
      }
      const isMention = sent.text.includes(`<@${parts.self().botUser}`);
      if (isMention || typeof sent.thread_ts !== "string") return;
      return parts.work.run("follow-up", () => followUp(parts, sent, envelope));
    });
  },
};

/** True for what this listener would act on; the rest is not even written down. */
export function isMessageWork(parts: Parts, event: Json): boolean {
  return (
    event.channel_type === "im" || typeof event.thread_ts === "string" || isAlarm(parts, event)
  );
}

function isAlarm(parts: Parts, event: Json): boolean {
  const bot = event.bot_id;
  return typeof bot === "string" && parts.settings.alarmBots.includes(bot) && !event.thread_ts;
}

async function direct(parts: Parts, desk: Desk, sent: Json, envelope: Json): Promise<void> {
  const channel = String(sent.channel);
  const user = String(sent.user);
  const thread = String(sent.thread_ts ?? sent.ts);
  const place = { channel, thread };
  const text = readable(String(sent.text));
  const person = personOf(parts, user, envelope);
  if (text === "") {
    await parts.poster.post(place, emptyView(languageIn(parts, channel)));
    return;
  }
  const here = await parts.cases.ofThread(channel, thread);
  const recipient = recipientOf(parts, person, envelope);
  if (here) return askInThread(parts, here, { person, text, ts: String(sent.ts), recipient });
  const words = wordsIn(parts, channel);
  const permit = await parts.roles.permit(person, "investigate", { incident: null, words });
  if (permit.kind === "denied") {
    await parts.poster.post(place, noteView(permit.message));
    return;
  }
  await startCase(parts, desk, {
    ...place,
    isDirect: true,
    marked: String(sent.ts),
    question: text,
    alarm: null,
    principal: permit.principal,
    recipient,
    key: `slack:${channel}:${String(sent.ts)}`,
    withHeadline: false,
  });
}

async function followUp(parts: Parts, sent: Json, envelope: Json): Promise<void> {
  const record = await parts.cases.ofThread(String(sent.channel), String(sent.thread_ts));
  if (!record) return;
  const person = personOf(parts, String(sent.user), envelope);
  const text = readable(String(sent.text));
  if (text === "") return;
  const recipient = recipientOf(parts, person, envelope);
  await askInThread(parts, record, { person, text, ts: String(sent.ts), recipient });
}

/** An alarm that another integration posted: investigated in its own thread. */
async function alarmMessage(parts: Parts, desk: Desk, sent: Json): Promise<void> {
  const channel = String(sent.channel);
  const ts = String(sent.ts);
  const bot = String(sent.bot_id);
  const principal: Principal = { id: bot, name: bot, role: "responder", door: "slack" };
  await startCase(parts, desk, {
    channel,
    thread: ts,
    isDirect: false,
    marked: null,
    question: null,
    alarm: alarmOf(sent, bot),
    principal,
    recipient: null,
    key: `slack:${channel}:${ts}`,
    withHeadline: true,
  });
}

/**
 * What the message says, as an alarm. Numbers are masked in the fingerprint: a re-fire is the same.
 */
function alarmOf(sent: Json, bot: string): Alarm {
  const text = textOfMessage(sent);
  const masked = text.replace(/\d+([.:]\d+)*/g, "#").slice(0, 300);
  const isResolved = /\b(resolved|recovered|ok)\b/i.test(text.slice(0, 120));
  return {
    fingerprint: createHash("sha256").update(`${bot}:${masked}`).digest("hex").slice(0, 24),
    sender: "slack",
    name: plain(text, 120),
    service: null,
    resource: null,
    metric: null,
    threshold: null,
    observed: null,
    severity: null,
    state: isResolved ? "resolved" : "firing",
    firedAt: Number(sent.ts) * 1_000,
    summary: clip(text, 2_000),
    labels: {},
    link: null,
    raw: null,
  };
}
