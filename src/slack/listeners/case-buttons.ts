import { requestOf } from "../../core/investigation-request.ts";
import { clip, plain } from "../blocks/foreign-text.ts";
import { asJson } from "../blocks/shape-checks.ts";
import { uploadFile } from "../chart-upload.ts";
import type { Desk } from "../desk.ts";
import { wordsOf } from "../messages/words.ts";
import { languageIn, type Parts } from "../parts.ts";
import { fullReportText } from "../report-text.ts";
import { startCase } from "../start-case.ts";
import { actionIds } from "../views/action-ids.ts";
import { isRunning } from "../views/headline.ts";
import { noteView, reportLinkView } from "../views/notes.ts";
import type { Listener } from "./listener.ts";
import { caseOf, type Pressed, pressed, tell } from "./pressed.ts";
import { stopCase } from "./stop.ts";
import { recipientOf } from "./who-asked.ts";

/** Stop, Try again, Open report, prompts, links, and whatever an older version left behind. */
export const caseButtons: Listener = {
  name: "case-buttons",
  needs: { scopes: ["chat:write", "files:write"], interactivity: true },
  register(app, parts, desk) {
    app.action(actionIds.stop, async ({ ack, body, action }) => {
      await ack();
      const press = pressed(parts, body, action);
      await parts.work.run("stop-button", async () => {
        const found = await caseOf(parts, press, press.value);
        if (found) await stopCase(parts, desk, found.record, press.person.user, asJson(body));
      });
    });
    app.action(actionIds.retry, async ({ ack, body, action }) => {
      await ack();
      await parts.work.run("retry", () => retry(parts, desk, pressed(parts, body, action)));
    });
    app.action(actionIds.openReport, async ({ ack, body, action }) => {
      await ack();
      await parts.work.run("open-report", () => openReport(parts, pressed(parts, body, action)));
    });
    app.action(/^shodo\.prompt\.v1\.\d$/, async ({ ack, body, action }) => {
      await ack();
      await parts.work.run("prompt", () => prompt(parts, desk, pressed(parts, body, action)));
    });
    app.action(/^shodo\.link\.v1/, async ({ ack }) => {
      await ack();
    });
    app.action(unknownAction, async ({ ack, body, action }) => {
      await ack();
      const press = pressed(parts, body, action);
      const words = wordsOf(languageIn(parts, press.channel ?? ""));
      await tell(parts, press, noteView(words.unknownAction));
    });
  },
};

/** Anything that is not an id of this version. */
const known = Object.values(actionIds).map((id) => id.replaceAll(".", "\\."));
const unknownAction = new RegExp(`^(?!(?:${known.join("|")})(?:\\.|$))`);

async function retry(parts: Parts, desk: Desk, press: Pressed): Promise<void> {
  const found = await caseOf(parts, press, press.value);
  if (!found) return;
  const { record, words } = found;
  const context = { incident: record.incident, words };
  const permit = await parts.roles.permit(press.person, "investigate", context);
  if (permit.kind === "denied") return tell(parts, press, noteView(permit.message));
  const incident = await parts.analyst.incident(record.incident);
  if (!incident) return tell(parts, press, noteView(words.goneIncident));
  await parts.cases.change(incident.id, {
    retries: record.retries + 1,
    recipient: record.headline === null ? recipientOf(parts, press.person, press.body) : null,
  });
  if (!isRunning(incident)) {
    await parts.analyst.start({
      ...requestOf(incident, { language: record.language }),
      principal: permit.principal,
    });
  }
  desk.resume(incident.id);
}

/** With pages, a link for this person alone; without, the whole report comes into the thread. */
async function openReport(parts: Parts, press: Pressed): Promise<void> {
  const found = await caseOf(parts, press, press.value);
  if (!found) return;
  const { record, words } = found;
  const context = { incident: record.incident, words };
  const permit = await parts.roles.permit(press.person, "view", context);
  if (permit.kind === "denied") return tell(parts, press, noteView(permit.message));
  const report = await parts.analyst.report(record.incident);
  if (!report) return tell(parts, press, noteView(words.goneIncident));
  if (parts.signInLink) {
    const path = `/reports/${encodeURIComponent(record.incident)}`;
    const url = await parts.signInLink(permit.principal, path);
    return tell(parts, press, reportLinkView(url, record.language));
  }
  if (!(await parts.face.once(`slack:report-file:${report.id}`, 600_000))) return;
  const body = new TextEncoder().encode(fullReportText(report, record.language));
  try {
    await uploadFile(parts, { name: `${plain(report.id, 60)}.md`, body, place: record });
  } catch (error) {
    parts.logger.warn("slack-report-file-failed", { error: String(error) });
    await tell(parts, press, noteView(words.error));
  }
}

/** A prompt is a question asked with a click, in the thread where it was offered. */
async function prompt(parts: Parts, desk: Desk, press: Pressed): Promise<void> {
  const words = wordsOf(languageIn(parts, press.channel ?? ""));
  const permit = await parts.roles.permit(press.person, "investigate", { incident: null, words });
  if (permit.kind === "denied") return tell(parts, press, noteView(permit.message));
  if (!press.channel || !press.thread) return;
  const question = clip(press.value, 500);
  await startCase(parts, desk, {
    channel: press.channel,
    thread: press.thread,
    isDirect: press.channel.startsWith("D"),
    marked: null,
    question,
    alarm: null,
    principal: permit.principal,
    recipient: recipientOf(parts, press.person, press.body),
    key: `slack:${press.channel}:${press.thread}:${question}`,
    withHeadline: false,
  });
}
