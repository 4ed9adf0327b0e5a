import { createHash } from "node:crypto";
import { z } from "zod";
import type { Principal } from "../../core/principal.ts";
import type { Runbook, RunbookAction } from "../../core/runbook.ts";
import { asJson, type Json } from "../blocks/shape-checks.ts";
import type { CaseRecord } from "../cases.ts";
import { type Words, wordsOf } from "../messages/words.ts";
import type { Parts } from "../parts.ts";
import { actionIds, inputIds, viewIds } from "../views/action-ids.ts";
import { levelOf } from "../views/case-state.ts";
import { decisionView, noteView, refusalView } from "../views/notes.ts";
import { loadingModal, runbookModal } from "../views/runbook-modal.ts";
import type { Listener } from "./listener.ts";
import { caseOf, type Pressed, pressed, tell } from "./pressed.ts";
import { personOf } from "./who-asked.ts";

/** A review is good for this long, once, for exactly the action that was shown. */
const reviewForMs = 15 * 60_000;

const metadataSchema = z.object({
  incident: z.string(),
  runbook: z.string(),
  action: z.string(),
  hash: z.string(),
  expiresAt: z.number(),
  nonce: z.string(),
});
type Review = z.infer<typeof metadataSchema>;

/** S6: a person reads exactly what would run and decides. Shodo records it and runs nothing. */
export const runbook: Listener = {
  name: "runbook",
  needs: { scopes: ["chat:write"], interactivity: true },
  register(app, parts) {
    app.action(actionIds.runbook, async ({ ack, body, action }) => {
      await ack();
      await openReview(parts, pressed(parts, body, action));
    });
    app.view(viewIds.runbook, async ({ ack, view, body }) => {
      const review = metadataSchema.parse(JSON.parse(view.private_metadata));
      const person = personOf(parts, body.user.id, asJson(body));
      const checked = await check(parts, review, asJson(view.state.values), person);
      if (checked.kind === "errors") {
        await ack({ response_action: "errors", errors: checked.errors });
        return;
      }
      await ack();
      await parts.work.run("runbook", () => decide(parts, review, checked));
    });
  },
};

async function openReview(parts: Parts, press: Pressed): Promise<void> {
  const value = z.tuple([z.string(), z.string(), z.string()]).safeParse(parsed(press.value));
  if (!value.success) return;
  const [incidentId, runbookName, actionName] = value.data;
  const found = await caseOf(parts, press, incidentId);
  if (!found) return;
  const { record, words } = found;
  const target = findAction(parts, runbookName, actionName);
  if (!target) return tell(parts, press, noteView(words.goneIncident));
  const context = { incident: incidentId, words, atLeast: target.action.approver };
  const permit = await parts.roles.permit(press.person, "runbook", context);
  if (permit.kind === "denied") return tell(parts, press, noteView(permit.message));
  const opened = await parts.api.call("views.open", {
    trigger_id: press.trigger,
    view: loadingModal(record.language),
  });
  const incident = await parts.analyst.incident(incidentId);
  const report = await parts.analyst.report(incidentId);
  const expiresAt = parts.clock.now() + reviewForMs;
  const review: Review = {
    incident: incidentId,
    runbook: runbookName,
    action: actionName,
    hash: hashOf(target.action),
    expiresAt,
    nonce: parts.ids.next("review"),
  };
  void parts.poster.setSession(record, "suspended");
  await parts.api.call("views.update", {
    view_id: asJson(opened.view).id,
    view: runbookModal({
      ...target,
      service: incident?.service ?? report?.rootCauses[0]?.service ?? null,
      level: incident ? levelOf(incident, report) : null,
      expiresAt,
      metadata: JSON.stringify(review),
      language: record.language,
    }),
  });
}

type Checked =
  | { readonly kind: "errors"; readonly errors: Record<string, string> }
  | {
      readonly kind: "good";
      readonly record: CaseRecord;
      readonly by: Principal;
      readonly verdict: "approved" | "rejected";
      readonly reason: string;
    };

/** Everything is checked again on the server: rights, expiry, the action itself, single use. */
async function check(
  parts: Parts,
  review: Review,
  values: Json,
  person: ReturnType<typeof personOf>,
): Promise<Checked> {
  const record = await parts.cases.get(review.incident);
  const words = wordsOf(record?.language ?? parts.language);
  const wrong = (message: string, field: string = inputIds.reason): Checked => ({
    kind: "errors",
    errors: { [field]: message },
  });
  const target = findAction(parts, review.runbook, review.action);
  if (!record || !target) return wrong(words.goneIncident);
  const context = { incident: review.incident, words, atLeast: target.action.approver };
  const permit = await parts.roles.permit(person, "runbook", context);
  if (permit.kind === "denied") return wrong(permit.message);
  if (parts.clock.now() > review.expiresAt) return wrong(words.modal.expired);
  if (hashOf(target.action) !== review.hash) return wrong(words.modal.changed);
  const verdict = field(values, inputIds.decision) === "approved" ? "approved" : "rejected";
  const isOwn = parts.settings.twoPeople && record.askedBy === person.user;
  if (verdict === "approved" && isOwn) return wrong(words.modal.samePerson);
  const service = await typedService(parts, review, values, words);
  if (service && verdict === "approved") return wrong(service, inputIds.service);
  const reason = field(values, inputIds.reason).trim();
  if (reason.length < 3) return wrong(words.modal.reason);
  const isFirst = await parts.face.once(`slack:review:${review.nonce}`, reviewForMs * 4);
  if (!isFirst) return wrong(words.modal.used);
  return { kind: "good", record, by: permit.principal, verdict, reason };
}

/** For P0 the service's name is typed by hand; the complaint, or null when it is right. */
async function typedService(
  parts: Parts,
  review: Review,
  values: Json,
  words: Words,
): Promise<string | null> {
  if (values[inputIds.service] === undefined) return null;
  const incident = await parts.analyst.incident(review.incident);
  const report = await parts.analyst.report(review.incident);
  const wanted = incident?.service ?? report?.rootCauses[0]?.service ?? "";
  const isRight = field(values, inputIds.service).trim() === wanted;
  return isRight ? null : words.modal.serviceWrong(wanted);
}

async function decide(
  parts: Parts,
  review: Review,
  checked: Extract<Checked, { kind: "good" }>,
): Promise<void> {
  const { record, by, verdict, reason } = checked;
  const outcome = await parts.analyst.decide({
    incident: review.incident,
    runbook: review.runbook,
    action: review.action,
    verdict,
    reason,
    by,
  });
  void parts.poster.setSession(record, "active");
  if (outcome.kind === "refused") {
    await parts.poster.whisper(record, by.id, refusalView(outcome.message, record.language));
    return;
  }
  await parts.poster.post(
    record,
    decisionView({ verdict, by: by.id, action: review.action, reason, language: record.language }),
  );
}

function findAction(
  parts: Parts,
  runbookName: string,
  actionName: string,
): { runbook: Runbook; action: RunbookAction } | null {
  const found = parts.analyst.runbooks.find((one) => one.name === runbookName);
  const action = found?.actions.find((one) => one.name === actionName);
  return found && action ? { runbook: found, action } : null;
}

function hashOf(action: RunbookAction): string {
  return createHash("sha256").update(JSON.stringify(action)).digest("hex").slice(0, 32);
}

function field(values: Json, id: string): string {
  const state = asJson(asJson(values[id])[id]);
  return String(asJson(state.selected_option).value ?? state.value ?? "");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
