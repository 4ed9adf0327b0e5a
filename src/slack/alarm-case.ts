import type { Incident } from "../core/incident.ts";
import { slackChannelFor } from "../core/slack-settings.ts";
import { caseState } from "./case-view.ts";
import type { NewCase } from "./cases.ts";
import { findPosted } from "./find-posted.ts";
import { languageIn, type Parts } from "./parts.ts";
import { headlineView } from "./views/headline.ts";

const openingPrefix = "slack:opening:";
/** One process opens an incident; the others hear of it through the store. */
const openOnceMs = 86_400_000;
const connectedKey = "slack:connected";
/** What began this long before Slack was first connected is told of as well. */
const justBeforeMs = 300_000;
/** Newest incidents among which those that were missed are looked for. */
const missedMax = 200;

/**
 * S3: nobody asked, so the headline is ours and is edited from now on. True when this call opened
 * it. What is being opened is written down first, since a process may die between posting and
 * knowing.
 */
export async function openAlarmCase(parts: Parts, incident: Incident): Promise<boolean> {
  const channel = slackChannelFor(parts.settings, incident);
  if (!channel || incident.mergedInto !== null) return false;
  if (await parts.cases.get(incident.id)) return false;
  // Written before the turn is taken: a process that dies in between would else leave it to nobody.
  await parts.face.put(`${openingPrefix}${incident.id}`, channel);
  if (!(await parts.face.once(`slack:open:${incident.id}`, openOnceMs))) return false;
  return openIn(parts, channel, incident, null);
}

/**
 * Incidents of alarms that began, and perhaps ended, while nobody spoke in Slack: since Slack was
 * first connected, and not longer ago than a day.
 */
export async function incidentsMissed(parts: Parts): Promise<Incident[]> {
  const now = parts.clock.now();
  const known = await parts.face.get(connectedKey);
  const connectedAt = typeof known === "number" ? known : now - justBeforeMs;
  if (typeof known !== "number") await parts.face.put(connectedKey, connectedAt);
  const since = Math.max(connectedAt, now - openOnceMs);
  const recent = await parts.analyst.incidents({ limit: missedMax });
  const missed: Incident[] = [];
  for (const incident of recent) {
    const isOurs = incident.openedBy.door === "alarm" && incident.openedAt >= since;
    if (isOurs && !(await parts.cases.get(incident.id))) missed.push(incident);
  }
  return missed;
}

/** Incidents that an earlier process was just opening. */
export async function openingsLeft(parts: Parts): Promise<string[]> {
  const left = await parts.face.list(openingPrefix);
  return left.map(({ key }) => key.slice(openingPrefix.length));
}

/**
 * Adopts the headline if it had arrived, else posts it. True when the incident has a thread now.
 */
export async function finishOpening(parts: Parts, id: string): Promise<boolean> {
  const key = `${openingPrefix}${id}`;
  const channel = await parts.face.get(key);
  const incident = await parts.analyst.incident(id);
  if (!incident || typeof channel !== "string" || (await parts.cases.get(id))) {
    await parts.face.delete(key);
    return false;
  }
  const known = await findPosted(parts, { channel, thread: null }, { type: "shodo_headline", id });
  return openIn(parts, channel, incident, known);
}

async function openIn(
  parts: Parts,
  channel: string,
  incident: Incident,
  known: string | null,
): Promise<boolean> {
  const draft = draftOf(parts, channel, incident);
  const ts = known ?? (await postHeadline(parts, draft, incident));
  if (ts === null) return false;
  await parts.cases.put({ ...draft, thread: ts, headline: ts });
  await parts.face.delete(`${openingPrefix}${incident.id}`);
  return true;
}

async function postHeadline(
  parts: Parts,
  draft: NewCase,
  incident: Incident,
): Promise<string | null> {
  const view = headlineView(caseState(parts, draft, { incident, report: null, progress: null }));
  const place = { channel: draft.channel, thread: null };
  const posted = await parts.poster.post(place, view, {
    mark: { type: "shodo_headline", id: incident.id },
  });
  if (posted.kind === "posted") return posted.ts;
  parts.logger.error("slack-alarm-not-posted", { incident: incident.id, error: posted.error });
  return null;
}

function draftOf(parts: Parts, channel: string, incident: Incident): NewCase {
  return {
    incident: incident.id,
    channel,
    thread: "",
    isDirect: false,
    headline: null,
    wantsHeadline: false,
    live: null,
    report: null,
    recipient: null,
    language: languageIn(parts, channel),
    askedBy: null,
    stoppedBy: null,
    charts: "native",
    chartFile: null,
    marked: null,
    hasSession: false,
    isFinished: false,
  };
}
