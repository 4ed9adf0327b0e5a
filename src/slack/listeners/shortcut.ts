import { asJson } from "../blocks/shape-checks.ts";
import { languageIn, type Parts, wordsIn } from "../parts.ts";
import { closedErrors, failureOf } from "../sending/failures.ts";
import { startCase } from "../start-case.ts";
import { emptyView, noteView } from "../views/notes.ts";
import type { Listener } from "./listener.ts";
import { textOfMessage } from "./message-text.ts";
import { personOf, recipientOf } from "./who-asked.ts";

/** "Investigate this" on any message: the work happens in that message's thread. */
export const shortcut: Listener = {
  name: "shortcut",
  needs: {
    shortcuts: [
      { id: "investigate_this", type: "message" },
      { id: "investigate", type: "global" },
    ],
    scopes: ["commands", "chat:write"],
    interactivity: true,
  },
  register(app, parts, desk) {
    app.shortcut(
      { callback_id: "investigate_this", type: "message_action" },
      async ({ shortcut: used, ack, body }) => {
        await ack();
        await parts.work.run("shortcut", async () => {
          const channel = used.channel.id;
          const user = used.user.id;
          const source = asJson(used.message);
          const thread = String(source.thread_ts ?? source.ts);
          const words = wordsIn(parts, channel);
          const envelope = asJson(body);
          const person = personOf(parts, user, envelope);
          const context = { incident: null, words };
          const permit = await parts.roles.permit(person, "investigate", context);
          if (permit.kind === "denied") {
            await parts.poster.whisper({ channel, thread }, user, noteView(permit.message));
            return;
          }
          if (!(await isMember(parts, channel))) {
            const text = words.notMember(`<#${channel}>`);
            await parts.poster.post({ channel: user, thread: null }, noteView(text));
            return;
          }
          const question = textOfMessage(source);
          if (question === "") {
            const view = emptyView(languageIn(parts, channel));
            await parts.poster.whisper({ channel, thread }, user, view);
            return;
          }
          await startCase(parts, desk, {
            channel,
            thread,
            isDirect: false,
            marked: String(source.ts),
            question,
            alarm: null,
            principal: permit.principal,
            recipient: recipientOf(parts, person, envelope),
            key: `slack:${channel}:${String(source.ts)}`,
            withHeadline: false,
          });
        });
      },
    );
    app.shortcut(
      { callback_id: "investigate", type: "shortcut" },
      async ({ shortcut: used, ack }) => {
        await ack();
        await parts.work.run("global-shortcut", async () => {
          const user = used.user.id;
          const view = emptyView(languageIn(parts, user));
          await parts.poster.post({ channel: user, thread: null }, view);
        });
      },
    );
  },
};

/** The menu is there in every channel, also where the app can neither read nor answer. */
async function isMember(parts: Parts, channel: string): Promise<boolean> {
  try {
    await parts.api.call("conversations.history", { channel, limit: 1 });
    return true;
  } catch (error) {
    const failure = failureOf(error);
    return failure.kind !== "refused" || !closedErrors.includes(failure.error);
  }
}
