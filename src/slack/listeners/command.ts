import { escapeMrkdwn, plain } from "../blocks/foreign-text.ts";
import { asJson } from "../blocks/shape-checks.ts";
import { languageIn, wordsIn } from "../parts.ts";
import { permalink, startCase } from "../start-case.ts";
import { emptyView, noteView } from "../views/notes.ts";
import type { Listener } from "./listener.ts";
import { readable } from "./message-text.ts";
import { personOf, recipientOf } from "./who-asked.ts";

/** `/investigate checkout is slow`: a command has no message, so a root message is posted first. */
export const command: Listener = {
  name: "command",
  needs: { command: "/investigate", scopes: ["commands", "chat:write"] },
  register(app, parts, desk) {
    app.command("/investigate", async ({ command: sent, ack, body }) => {
      await ack();
      await parts.work.run("command", async () => {
        const channel = sent.channel_id;
        const user = sent.user_id;
        const words = wordsIn(parts, channel);
        const whisper = (text: string) =>
          parts.poster.whisper({ channel, thread: null }, user, noteView(text));
        const question = readable(sent.text ?? "");
        if (question === "") {
          const view = emptyView(languageIn(parts, channel));
          await parts.poster.whisper({ channel, thread: null }, user, view);
          return;
        }
        const envelope = asJson(body);
        const person = personOf(parts, user, envelope);
        const permit = await parts.roles.permit(person, "investigate", { incident: null, words });
        if (permit.kind === "denied") {
          await whisper(permit.message);
          return;
        }
        const root = noteView(`🔎 <@${user}>: ${escapeMrkdwn(plain(question, 500))}`);
        const posted = await parts.poster.post({ channel, thread: null }, root);
        if (posted.kind === "failed") {
          await whisper(
            posted.error === "not_in_channel" || posted.error === "channel_not_found"
              ? words.notMember(`<#${channel}>`)
              : words.notInThreads,
          );
          return;
        }
        const link = await permalink(parts, channel, posted.ts);
        if (link) void whisper(words.startedIn(`<${link}>`));
        await startCase(parts, desk, {
          channel,
          thread: posted.ts,
          isDirect: false,
          marked: null,
          question,
          alarm: null,
          principal: permit.principal,
          recipient: recipientOf(parts, person, envelope),
          key: `slack:${channel}:${posted.ts}`,
          withHeadline: false,
        });
      });
    });
  },
};
