import { z } from "zod";
import { priorityLevels } from "../../core/priority.ts";
import { asJson } from "../blocks/shape-checks.ts";
import type { Desk } from "../desk.ts";
import { wordsOf } from "../messages/words.ts";
import type { Parts } from "../parts.ts";
import { actionIds, inputIds, viewIds } from "../views/action-ids.ts";
import { levelOf } from "../views/case-state.ts";
import { noteView, refusalView } from "../views/notes.ts";
import { priorityModal } from "../views/priority-modal.ts";
import type { Listener } from "./listener.ts";
import { caseOf, type Pressed, pressed, tell } from "./pressed.ts";
import { personOf } from "./who-asked.ts";

const metadataSchema = z.object({ incident: z.string(), level: z.enum(priorityLevels) });

/**
 * A person's priority wins over the computed one: with a reason, a name, and a trace in the log.
 */
export const priority: Listener = {
  name: "priority",
  needs: { scopes: ["chat:write"], interactivity: true },
  register(app, parts, desk) {
    app.action(actionIds.priority, async ({ ack, body, action }) => {
      await ack();
      await openModal(parts, pressed(parts, body, action));
    });
    app.view(viewIds.priority, async ({ ack, view, body }) => {
      const metadata = metadataSchema.parse(JSON.parse(view.private_metadata));
      const reason = String(
        asJson(asJson(view.state.values[inputIds.reason])[inputIds.reason]).value ?? "",
      ).trim();
      const record = await parts.cases.get(metadata.incident);
      const words = wordsOf(record?.language ?? parts.language);
      if (reason.length < 3) {
        await ack({ response_action: "errors", errors: { [inputIds.reason]: words.modal.reason } });
        return;
      }
      const person = personOf(parts, body.user.id, asJson(body));
      const context = { incident: metadata.incident, words };
      const permit = await parts.roles.permit(person, "priority", context);
      if (permit.kind === "denied") {
        await ack({ response_action: "errors", errors: { [inputIds.reason]: permit.message } });
        return;
      }
      await ack();
      await parts.work.run("priority", () =>
        override(parts, desk, { ...metadata, reason, by: permit.principal }),
      );
    });
  },
};

async function openModal(parts: Parts, press: Pressed): Promise<void> {
  const [level, incidentId = ""] = press.value.split(/:(.*)/s);
  const to = priorityLevels.find((one) => one === level);
  const found = await caseOf(parts, press, incidentId);
  if (!found || !to) return;
  const context = { incident: incidentId, words: found.words };
  const permit = await parts.roles.permit(press.person, "priority", context);
  if (permit.kind === "denied") return tell(parts, press, noteView(permit.message));
  const incident = await parts.analyst.incident(incidentId);
  if (!incident) return tell(parts, press, noteView(found.words.goneIncident));
  const report = await parts.analyst.report(incidentId);
  await parts.api.call("views.open", {
    trigger_id: press.trigger,
    view: priorityModal({
      incident,
      from: levelOf(incident, report),
      to,
      metadata: JSON.stringify({ incident: incidentId, level: to }),
      language: found.record.language,
    }),
  });
}

async function override(
  parts: Parts,
  desk: Desk,
  change: z.infer<typeof metadataSchema> & {
    readonly reason: string;
    readonly by: Parameters<Parts["analyst"]["overridePriority"]>[3];
  },
): Promise<void> {
  const outcome = await parts.analyst.overridePriority(
    change.incident,
    change.level,
    change.reason,
    change.by,
  );
  const record = await parts.cases.get(change.incident);
  if (outcome.kind === "refused" && record) {
    await parts.poster.whisper(record, change.by.id, refusalView(outcome.message, record.language));
    return;
  }
  await desk.repaintNow(change.incident);
}
