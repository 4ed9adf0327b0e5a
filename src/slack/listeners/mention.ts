import type { types } from "@slack/bolt";
import { asJson } from "../blocks/shape-checks.ts";
import type { Desk } from "../desk.ts";
import { languageIn, type Parts, wordsIn } from "../parts.ts";
import { startCase } from "../start-case.ts";
import { emptyView, noteView } from "../views/notes.ts";
import { askInThread } from "./ask-in-thread.ts";
import type { Listener } from "./listener.ts";
import { readable } from "./message-text.ts";
import { personOf, recipientOf } from "./who-asked.ts";

/** S1: `@Shodo why is checkout slow?` in a channel or in a thread. */
export const mention: Listener = {
  name: "mention",
  needs: {
    events: ["app_mention"],
    scopes: ["app_mentions:read", "chat:write", "reactions:write", "users:read"],
  },
  register(app, parts, desk) {
    app.event("app_mention", async ({ event, body }) => {
      const envelope = asJson(body);
      const { user, bot_id: bot } = event;
      if (!user || bot) {
        return parts.work.run("bot-mention", () => mentionOfBot(parts, desk, event));
      }
      await parts.work.run("mention", async () => {
        const person = personOf(parts, user, envelope);
        const thread = event.thread_ts ?? event.ts;
        const place = { channel: event.channel, thread };
        const question = withoutMention(event.text, parts.self().botUser);
        if (question === "") {
          await parts.poster.post(place, emptyView(languageIn(parts, event.channel)));
          return;
        }
        const here = await parts.cases.ofThread(event.channel, thread);
        const recipient = recipientOf(parts, person, envelope);
        if (here) {
          const { ts } = event;
          return askInThread(parts, here, { person, text: question, ts, recipient });
        }
        const words = wordsIn(parts, event.channel);
        const permit = await parts.roles.permit(person, "investigate", { incident: null, words });
        if (permit.kind === "denied") {
          await parts.poster.whisper(place, user, noteView(permit.message));
          return;
        }
        await startCase(parts, desk, {
          ...place,
          isDirect: false,
          marked: event.ts,
          question,
          alarm: null,
          principal: permit.principal,
          recipient,
          key: `slack:${event.channel}:${event.ts}`,
          withHeadline: false,
        });
      });
    });
  },
};

/**
 * A workflow or another bot mentions the app: there is no person, so no role and no stream. Only
 * bots that are listed as senders of alarms are heard.
 */
async function mentionOfBot(parts: Parts, desk: Desk, event: types.AppMentionEvent): Promise<void> {
  const bot = event.bot_id ?? "";
  const thread = event.thread_ts ?? event.ts;
  const place = { channel: event.channel, thread };
  const words = wordsIn(parts, event.channel);
  const isListed = parts.settings.alarmBots.includes(bot);
  await parts.audit.append({
    at: parts.clock.now(),
    event: "slack-authorize",
    by: bot || "unknown",
    incident: null,
    detail: {
      permission: "investigate",
      verdict: isListed ? "allowed" : "denied",
      why: "no person",
    },
  });
  if (!isListed) {
    if (bot !== parts.self().botId) await parts.poster.post(place, noteView(words.noPerson));
    return;
  }
  await startCase(parts, desk, {
    ...place,
    isDirect: false,
    marked: null,
    question: withoutMention(event.text, parts.self().botUser) || null,
    alarm: null,
    principal: { id: bot, name: bot, role: "responder", door: "slack" },
    recipient: null,
    key: `slack:${event.channel}:${event.ts}`,
    withHeadline: true,
  });
}

/** The words around the mention, as a person would read them. */
export function withoutMention(text: string, botUser: string): string {
  return readable(text.replaceAll(new RegExp(`<@${botUser}(\\|[^>]*)?>`, "g"), " "));
}
