import { z } from "zod";
import type { AskOptions } from "../../core/analyst.ts";
import { AnswerStream } from "../answer-stream.ts";
import { clip } from "../blocks/foreign-text.ts";
import { answerPrefix, type CaseRecord } from "../cases.ts";
import { findPosted, findUnmarked } from "../find-posted.ts";
import { wordsOf } from "../messages/words.ts";
import type { Parts } from "../parts.ts";
import type { SlackPerson } from "../roles.ts";
import { answerView } from "../views/answer.ts";
import { isRunning } from "../views/headline.ts";
import { errorView, noteView, refusalView } from "../views/notes.ts";

const questionCharsMax = 4_000;

export interface Question {
  readonly person: SlackPerson;
  readonly text: string;
  /** Message that holds the question. */
  readonly ts: string;
  /** Whom a stream may be addressed to. */
  readonly recipient: { readonly user: string; readonly team: string } | null;
}

/** S7: a question in an incident's thread, answered from its evidence, in the same thread. */
export async function askInThread(
  parts: Parts,
  record: CaseRecord,
  asked: Question,
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
  const stop = parts.answers.begin(record);
  try {
    await answer(parts, record, asked, {
      principal: permit.principal,
      model: null,
      language: record.language,
      signal: stop.signal,
    });
  } finally {
    parts.answers.end(record, stop);
  }
}

const begunSchema = z.object({ ts: z.string().nullable() });

/**
 * Streams the answer. That there is one to give is written down first: an answer that a dead
 * process had begun is finished in its own message, and one that it had given is not given again.
 */
async function answer(
  parts: Parts,
  record: CaseRecord,
  asked: Question,
  options: AskOptions,
): Promise<void> {
  const { language } = record;
  const key = answerKey(record.channel, asked.ts);
  const left = begunSchema.safeParse(await parts.face.get(key));
  const { recipient } = asked;
  if (left.success && (await findPosted(parts, record, { type: "shodo_answer", id: key }))) {
    await parts.face.delete(key);
    return;
  }
  const begun = left.success ? (left.data.ts ?? (await endLostStream(parts, record, asked))) : null;
  await parts.face.put(key, { ts: begun, at: parts.clock.now() });
  const stream = new AnswerStream(parts, record, {
    recipient,
    key,
    begun,
  });
  try {
    const given = await parts.analyst.ask(record.incident, clip(asked.text, questionCharsMax), {
      ...options,
      onStep: (step) => stream.step(step),
      onDraft: (text) => stream.draft(text),
    });
    if ("kind" in given) {
      await stream.fail(refusalView(given.message, language));
    } else {
      const report = await parts.analyst.report(record.incident);
      const incident = await parts.analyst.incident(record.incident);
      await stream.finish(
        answerView({
          answer: given,
          evidence: report?.evidence ?? [],
          isRunning: incident !== null && isRunning(incident),
          language,
          linkHosts: parts.settings.linkHosts,
        }),
      );
    }
  } catch (error) {
    const incident = await parts.analyst.incident(record.incident);
    parts.logger.error("slack-answer-failed", { incident: record.incident, error: String(error) });
    const view = errorView({
      run: incident?.investigation ?? record.incident,
      why: null,
      incident: null,
      found: [],
      language,
    });
    await stream.fail(view);
  }
  await parts.face.delete(key);
}

/**
 * A stream that was started by a process that died before it knew. It carries no mark, but only
 * what still streams lets itself be ended; null when there is none.
 */
async function endLostStream(
  parts: Parts,
  record: CaseRecord,
  asked: Question,
): Promise<string | null> {
  const known = [record.live?.ts, record.report?.ts, record.headline];
  const unmarked = await findUnmarked(parts, record, asked.ts);
  for (const ts of unmarked.filter((one) => !known.includes(one)).slice(0, lostStreamsMax)) {
    const ended = await parts.poster.stopStream(record.channel, ts, { chunks: [] });
    if (ended.kind === "sent") return ts;
  }
  return null;
}

const lostStreamsMax = 5;

function answerKey(channel: string, ts: string): string {
  return `${answerPrefix}${channel}:${ts}`;
}
