import { z } from "zod";
import { clip } from "../blocks/foreign-text.ts";
import { asJson } from "../blocks/shape-checks.ts";
import { wordsOf } from "../messages/words.ts";
import type { Parts } from "../parts.ts";
import { actionIds, inputIds, viewIds } from "../views/action-ids.ts";
import { feedbackModal } from "../views/feedback-modal.ts";
import { noteView } from "../views/notes.ts";
import type { Listener } from "./listener.ts";
import { caseOf, type Pressed, pressed, tell } from "./pressed.ts";
import { personOf } from "./who-asked.ts";

const metadataSchema = z.object({ incident: z.string() });

/** A thumbs-up is kept; a thumbs-down asks why. Slack tells no un-click, so the last one counts. */
export const feedback: Listener = {
  name: "feedback",
  needs: { scopes: ["chat:write"], interactivity: true },
  register(app, parts) {
    app.action(actionIds.feedback, async ({ ack, body, action }) => {
      await ack();
      await react(parts, pressed(parts, body, action));
    });
    app.view(viewIds.feedback, async ({ ack, view, body }) => {
      await ack();
      const { incident } = metadataSchema.parse(JSON.parse(view.private_metadata));
      const values = asJson(view.state.values);
      const chosen = asJson(asJson(values[inputIds.feedbackReason])[inputIds.feedbackReason]);
      const typed = asJson(asJson(values[inputIds.feedbackText])[inputIds.feedbackText]);
      const reason = String(asJson(chosen.selected_option).value ?? "other");
      const text = typeof typed.value === "string" ? clip(typed.value, 1_000) : "";
      await parts.work.run("feedback", async () => {
        const record = await parts.cases.get(incident);
        const words = wordsOf(record?.language ?? parts.language);
        const person = personOf(parts, body.user.id, asJson(body));
        const permit = await parts.roles.permit(person, "feedback", { incident, words });
        if (permit.kind === "denied") return;
        const why = text ? `${reason}: ${text}` : reason;
        await parts.analyst.feedback(incident, "not-helpful", why, permit.principal);
        if (record) await parts.poster.whisper(record, person.user, noteView(words.thanks));
      });
    });
  },
};

async function react(parts: Parts, press: Pressed): Promise<void> {
  const [verdict, incident = ""] = press.value.split(/:(.*)/s);
  const found = await caseOf(parts, press, incident);
  if (!found) return;
  const { record, words } = found;
  const permit = await parts.roles.permit(press.person, "feedback", { incident, words });
  if (permit.kind === "denied") return tell(parts, press, noteView(permit.message));
  if (verdict === "not-helpful") {
    const view = feedbackModal(JSON.stringify({ incident }), record.language);
    await parts.api.call("views.open", { trigger_id: press.trigger, view });
    return;
  }
  await parts.analyst.feedback(incident, "helpful", null, permit.principal);
  await tell(parts, press, noteView(words.thanks));
}
