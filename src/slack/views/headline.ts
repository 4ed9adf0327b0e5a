import type { Incident } from "../../core/incident.ts";
import type { PriorityLevel, PriorityOverride } from "../../core/priority.ts";
import { button, context, header, linkButton, section } from "../blocks/blocks.ts";
import { fitBlocks } from "../blocks/fit-blocks.ts";
import { escapeMrkdwn, mrkdwn, plain } from "../blocks/foreign-text.ts";
import type { Block, Button, MessageView } from "../blocks/types.ts";
import { type Words, wordsOf } from "../messages/words.ts";
import { acknowledgeButton } from "./acknowledge-button.ts";
import { actionIds } from "./action-ids.ts";
import { type CaseState, computedLevel, levelOf, levelTag, whoDid } from "./case-state.ts";
import { amount, localTime, utcTime } from "./numbers.ts";
import { planBlock } from "./progress.ts";

/** S3: the one post of an incident that is edited in place, from first alarm to recovery. */
export function headlineView(state: CaseState): MessageView {
  const words = wordsOf(state.language);
  const { incident, report } = state;
  const level = levelOf(incident, report);
  const title = `${endMark(incident)}${levelTag(level)} · ${plain(incident.title, 120)}`;
  const lines = alarmLines(incident, words);
  const blocks: Block[] = [
    header(title),
    ...(lines.length > 0 ? [context(...lines)] : []),
    section(statusLine(state, words)),
    ...(isRunning(incident) && state.progress ? [planBlock(state.progress, words)] : []),
    ...(ownerLine(incident, words) ?? []),
    ...priorityLine(state, words),
    ...actions(state, words),
  ];
  const text = [title, plainStatus(state, words), report ? plain(report.summary, 1_000) : ""]
    .filter(Boolean)
    .join("\n");
  return { text: escapeMrkdwn(text), blocks: fitBlocks(blocks, "message", words.more).blocks };
}

/** True also while the work waits for its turn. */
export function isRunning(incident: Incident): boolean {
  return incident.state === "queued" || incident.state === "investigating";
}

function isOver(incident: Incident): boolean {
  return (
    incident.resolvedAt !== null || incident.mergedInto !== null || incident.state === "resolved"
  );
}

/** Merged is not over: the work goes on elsewhere. */
function endMark(incident: Incident): string {
  if (incident.mergedInto !== null) return "↪️ ";
  return isOver(incident) ? "✅ " : "";
}

/**
 * What the alarms say: service, numbers, since when, how often; place when the sender named one.
 */
function alarmLines(incident: Incident, words: Words): string[] {
  const newest = incident.alarms.at(-1);
  if (!newest) return incident.service ? [`${words.service}: ${mrkdwn(incident.service, 80)}`] : [];
  const { alarm } = newest;
  const total = incident.alarms.reduce((sum, one) => sum + one.count, 0);
  const firstFired = Math.min(
    ...incident.alarms.map((one) => Math.min(one.alarm.firedAt, one.firstAt)),
  );
  const lastAt = Math.max(...incident.alarms.map((one) => one.lastAt));
  const place = [alarm.labels.account, alarm.labels.region].filter((name) => name !== undefined);
  const numbers =
    alarm.metric && alarm.observed !== null
      ? words.observed(mrkdwn(alarm.metric, 80), amount(alarm.observed), amount(alarm.threshold))
      : null;
  return [
    alarm.service ? `${words.service}: *${mrkdwn(alarm.service, 80)}*` : null,
    numbers,
    words.since(localTime(firstFired)),
    total > 1 ? words.firedTimes(total, localTime(lastAt)) : null,
    incident.alarms.length > 1 ? words.alarmCount(incident.alarms.length) : null,
    place.length > 0 ? mrkdwn(place.join(" · "), 100) : null,
  ].filter((line) => line !== null);
}

function statusLine(state: CaseState, words: Words): string {
  const { incident, report } = state;
  const status = statusText(state, words);
  const recovered = incident.resolvedAt
    ? `\n${words.recovered(localTime(incident.resolvedAt))}`
    : "";
  if (incident.state === "failed" && incident.failure) {
    return `${status} · ${mrkdwn(words.phrase(incident.failure), 300)}${recovered}`;
  }
  if (!report || incident.mergedInto) return `${status}${recovered}`;
  return `${status} · ${mrkdwn(report.summary, 1_200)}\n${words.reportBelow}${recovered}`;
}

/** The status with the surviving thread linked, where there is one. */
function statusText(state: CaseState, words: Words): string {
  const { incident, survivor } = state;
  if (!incident.mergedInto || !survivor?.link) return `*${plainStatus(state, words)}*`;
  return words.merged(threadLink(survivor, words));
}

/** The title of an incident and the way to its thread; foreign words never stand inside a link. */
export function threadLink(
  thread: { readonly title: string; readonly link: string | null },
  words: Words,
): string {
  const title = mrkdwn(thread.title, 100);
  return thread.link ? `${title} (<${escapeMrkdwn(thread.link)}|${words.home.view}>)` : title;
}

function plainStatus(state: CaseState, words: Words): string {
  const { incident, report, survivor } = state;
  if (incident.mergedInto) return words.merged(mrkdwn(survivor?.title ?? incident.mergedInto, 100));
  if (incident.state === "failed") return words.failed;
  if (incident.state === "cancelled") return words.cancelled;
  if (incident.state === "queued") return words.queued;
  if (incident.state === "investigating") return words.investigating;
  if (report) return words.conclusion[report.conclusion];
  return incident.resolvedAt ? words.recovered(utcTime(incident.resolvedAt)) : words.investigating;
}

/** A person's level with who set it and why, beside the computed one. */
function priorityLine({ incident, report }: CaseState, words: Words): Block[] {
  const { override } = incident;
  if (!override) return [];
  const text = overriddenText(override, computedLevel(report), words);
  return [context(`${words.priority}: ${text}`)];
}

/** Who set it and why, as mrkdwn; the computed level beside it only where it is another. */
export function overriddenText(
  override: PriorityOverride,
  computed: PriorityLevel | null,
  words: Words,
): string {
  const said = words.overridden(whoDid(override), mrkdwn(override.reason, 120));
  return computed && computed !== override.level ? `${said}; ${words.computed(computed)}` : said;
}

/** Why it failed, on one line. */
export function failedStatus(incident: Incident, words: Words): string {
  const why = incident.failure ? `: ${mrkdwn(words.phrase(incident.failure), 120)}` : "";
  return `${words.failed}${why}`;
}

/** Who is on it; null when nobody is. */
export function ownerLine(incident: Incident, words: Words): Block[] | null {
  const taken = incident.acknowledgedBy;
  if (!taken) return null;
  return [context(`👤 ${words.acknowledged(whoDid(taken), localTime(taken.at))}`)];
}

function actions(state: CaseState, words: Words): Block[] {
  const { incident } = state;
  const buttons: Button[] = [];
  if (!incident.acknowledgedBy && !isOver(incident)) {
    buttons.push(acknowledgeButton(incident, words));
  }
  if (isRunning(incident)) {
    buttons.push(button({ text: words.stop, action: actionIds.stop, value: incident.id }));
  }
  if (incident.state === "failed") {
    buttons.push(button({ text: words.retry, action: actionIds.retry, value: incident.id }));
  }
  if (state.reportUrl && state.report) {
    buttons.push(
      linkButton({ text: words.openReport, action: actionIds.openLink, url: state.reportUrl }),
    );
  }
  return buttons.length > 0 ? [{ type: "actions", elements: buttons }] : [];
}
