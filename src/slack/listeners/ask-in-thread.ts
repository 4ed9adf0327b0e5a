import { clip, plain } from "../blocks/foreign-text.ts";
import type { CaseRecord } from "../cases.ts";
import type { Desk } from "../desk.ts";
import { wordsOf } from "../messages/words.ts";
import type { Parts } from "../parts.ts";
import type { SlackPerson } from "../roles.ts";
import { isRunning } from "../views/headline.ts";
import { answerView, errorView, noteView } from "../views/notes.ts";

const questionCharsMax = 4_000;

/** S7: a question in an incident's thread, answered from its evidence, in the same thread. */
export async function askInThread(
  parts: Parts,
  _desk: Desk,
  record: CaseRecord,
  asked: { readonly person: SlackPerson; readonly text: string },
): Promise<void> {
  const words = wordsOf(record.language);
  const context = { incident: record.incident, words };
  const permit = await parts.roles.permit(asked.person, "ask", context);
  if (permit.kind === "denied") {
    await parts.poster.whisper(record, asked.person.user, noteView(permit.message));
    return;
  }
  const incident = await parts.analyst.incident(record.incident);
  if (!incident) {
    await parts.poster.post(record, noteView(words.goneIncident));
    return;
  }
  const report = await parts.analyst.report(record.incident);
  if (report === null && isRunning(incident)) {
    await parts.poster.post(record, noteView(words.notYet));
    return;
  }
  void parts.poster.setStatus(record, words.investigating);
  try {
    const answer = await parts.analyst.ask(record.incident, clip(asked.text, questionCharsMax), {
      principal: permit.principal,
      model: null,
      language: record.language,
    });
    if ("kind" in answer) {
      await parts.poster.post(record, noteView(plain(answer.message, 500)));
      return;
    }
    const view = answerView({
      answer,
      evidence: report?.evidence ?? [],
      isRunning: isRunning(incident),
      language: record.language,
      linkHosts: parts.settings.linkHosts,
    });
    await parts.poster.post(record, view);
  } catch (error) {
    const run = incident.investigation ?? incident.id;
    parts.logger.error("slack-answer-failed", { incident: incident.id, error: String(error) });
    const view = errorView({ run, incident: null, found: [], language: record.language });
    await parts.poster.post(record, view);
  }
}
