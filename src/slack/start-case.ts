import type { Alarm } from "../core/alarm.ts";
import { requestBy } from "../core/investigation-request.ts";
import type { Principal } from "../core/principal.ts";
import { plain } from "./blocks/foreign-text.ts";
import type { CaseRecord, NewCase } from "./cases.ts";
import type { Desk } from "./desk.ts";
import { languageIn, type Parts, wordsIn } from "./parts.ts";
import { isRunning } from "./views/headline.ts";
import { noteView } from "./views/notes.ts";

/** What someone asked for, and where. */
export interface CaseRequest {
  readonly channel: string;
  readonly thread: string;
  readonly isDirect: boolean;
  /** Message that gets the eyes; null when there is none of a person. */
  readonly marked: string | null;
  readonly question: string | null;
  readonly alarm: Alarm | null;
  readonly principal: Principal;
  readonly recipient: { readonly user: string; readonly team: string } | null;
  /** Same key, same incident. */
  readonly key: string;
  /** True when the thread gets a headline of ours, since nobody in particular asked. */
  readonly withHeadline: boolean;
}

/**
 * Puts an investigation to work in a thread and follows it. When the incident lives in another
 * thread already, this one gets a link to it: one incident, one thread.
 */
export async function startCase(parts: Parts, desk: Desk, request: CaseRequest): Promise<void> {
  const words = wordsIn(parts, request.channel);
  const language = languageIn(parts, request.channel);
  const place = { channel: request.channel, thread: request.thread };
  const here = await parts.cases.ofThread(request.channel, request.thread);
  if (here) {
    const incident = await parts.analyst.incident(here.incident);
    if (incident && isRunning(incident)) return linkTo(parts, request, here);
  }
  const marked = parts.poster.hasRoomFor("reactions.add") ? request.marked : null;
  if (marked) void parts.poster.react(request.channel, marked, "eyes", true);
  const incident = await parts.analyst.start(
    requestBy(request.principal, {
      alarm: request.alarm,
      question: request.question,
      language,
      idempotencyKey: request.key,
    }),
  );
  const elsewhere = await parts.cases.get(incident.id);
  if (elsewhere) {
    const isHere = elsewhere.channel === request.channel && elsewhere.thread === request.thread;
    if (!isHere && !request.withHeadline) return linkTo(parts, request, elsewhere);
    if (!isHere && parts.poster.hasRoomFor("reactions.add")) {
      void parts.poster.react(request.channel, request.thread, "repeat", true);
    }
    desk.resume(incident.id);
    return;
  }
  const record: NewCase = {
    incident: incident.id,
    ...place,
    isDirect: request.isDirect,
    headline: null,
    wantsHeadline: request.withHeadline,
    live: null,
    report: null,
    recipient: request.recipient,
    language,
    askedBy: request.principal.id,
    stoppedBy: null,
    charts: "native",
    chartFile: null,
    marked,
    hasSession: parts.poster.hasRoomFor("agents.sessions.setStatus"),
    isFinished: false,
  };
  await parts.cases.put(record);
  const title = plain(request.question ?? incident.title, 190) || words.investigating;
  if (record.hasSession) void parts.poster.setSession(place, "processing", title);
  desk.resume(incident.id);
}

async function linkTo(parts: Parts, request: CaseRequest, record: CaseRecord): Promise<void> {
  const words = wordsIn(parts, request.channel);
  const link = await permalink(parts, record.channel, record.thread);
  const place = { channel: request.channel, thread: request.thread };
  await parts.poster.post(place, noteView(words.alreadyRunning(link ? `<${link}>` : "…")));
}

/** A lasting link to a message; null when Slack does not give one. */
export async function permalink(parts: Parts, channel: string, ts: string): Promise<string | null> {
  try {
    const answer = await parts.api.call("chat.getPermalink", { channel, message_ts: ts });
    return typeof answer.permalink === "string" ? answer.permalink : null;
  } catch {
    return null;
  }
}
