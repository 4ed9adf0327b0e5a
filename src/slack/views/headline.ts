import type { Incident } from "../../core/incident.ts";
import { button, context, header, linkButton, section } from "../blocks/blocks.ts";
import { fitBlocks } from "../blocks/fit-blocks.ts";
import { escapeMrkdwn, mrkdwn, plain } from "../blocks/foreign-text.ts";
import type { Block, Button, MessageView } from "../blocks/types.ts";
import { type Words, wordsOf } from "../messages/words.ts";
import { actionIds } from "./action-ids.ts";
import { type CaseState, levelOf, levelTag, who } from "./case-state.ts";
import { amount, localTime, utcTime } from "./numbers.ts";
import { planBlock } from "./progress.ts";

/** S3: the one post of an incident that is edited in place, from first alarm to recovery. */
export function headlineView(state: CaseState): MessageView {
  const words = wordsOf(state.language);
  const { incident, report } = state;
  const level = levelOf(incident, report);
  const title = `${isOver(incident) ? "✅ " : ""}${levelTag(level)} · ${plain(incident.title, 120)}`;
  const lines = alarmLines(incident, words);
  const blocks: Block[] = [
    header(title),
    ...(lines.length > 0 ? [context(...lines)] : []),
    section(statusLine(state, words)),
    ...(isRunning(incident) && state.progress ? [planBlock(state.progress, words)] : []),
    ...(ownerLine(incident, words) ?? []),
    ...actions(state, words),
  ];
  const text = [title, plainStatus(state, words), report ? plain(report.summary, 1_000) : ""]
    .filter(Boolean)
    .join("\n");
  return { text: escapeMrkdwn(text), blocks: fitBlocks(blocks, "message", words.more).blocks };
}

export function isRunning(incident: Incident): boolean {
  return incident.state === "queued" || incident.state === "investigating";
}

function isOver(incident: Incident): boolean {
  return (
    incident.resolvedAt !== null || incident.mergedInto !== null || incident.state === "resolved"
  );
}

/** What the alarms say: service, numbers, since when, how often; place when the sender named one. */
function alarmLines(incident: Incident, words: Words): string[] {
  const newest = incident.alarms.at(-1);
  if (!newest) return incident.service ? [`${words.service}: ${mrkdwn(incident.service, 80)}`] : [];
  const { alarm } = newest;
  const total = incident.alarms.reduce((sum, one) => sum + one.count, 0);
  const lastAt = Math.max(...incident.alarms.map((one) => one.lastAt));
  const place = [alarm.labels.account, alarm.labels.region].filter((name) => name !== undefined);
  const numbers =
    alarm.metric && alarm.observed !== null
      ? words.observed(mrkdwn(alarm.metric, 80), amount(alarm.observed), amount(alarm.threshold))
      : null;
  return [
    alarm.service ? `${words.service}: *${mrkdwn(alarm.service, 80)}*` : null,
    numbers,
    words.since(localTime(incident.openedAt)),
    total > 1 ? words.firedTimes(total, localTime(lastAt)) : null,
    incident.alarms.length > 1 ? words.alarmCount(incident.alarms.length) : null,
    place.length > 0 ? mrkdwn(place.join(" · "), 100) : null,
  ].filter((line) => line !== null);
}

function statusLine(state: CaseState, words: Words): string {
  const { incident, report } = state;
  const status = `*${plainStatus(state, words)}*`;
  const recovered = incident.resolvedAt
    ? `\n${words.recovered(localTime(incident.resolvedAt))}`
    : "";
  if (!report) return `${status}${recovered}`;
  return `${status} · ${mrkdwn(report.summary, 1_200)}\n${words.reportBelow}${recovered}`;
}

function plainStatus(state: CaseState, words: Words): string {
  const { incident, report } = state;
  if (incident.mergedInto) return words.merged(mrkdwn(incident.mergedInto, 80));
  if (incident.state === "failed") return words.failed;
  if (incident.state === "cancelled") return words.cancelled;
  if (incident.state === "queued") return words.queued;
  if (incident.state === "investigating") return words.investigating;
  if (report) return words.conclusion[report.conclusion];
  return incident.resolvedAt ? words.recovered(utcTime(incident.resolvedAt)) : words.investigating;
}

/** Who is on it; null when nobody is. */
export function ownerLine(incident: Incident, words: Words): Block[] | null {
  const taken = incident.acknowledgedBy;
  if (!taken) return null;
  return [context(`👤 ${words.acknowledged(who(taken.by), localTime(taken.at))}`)];
}

function actions(state: CaseState, words: Words): Block[] {
  const { incident } = state;
  const buttons: Button[] = [];
  if (!incident.acknowledgedBy && !isOver(incident)) {
    buttons.push(
      button({
        text: words.acknowledge,
        action: actionIds.acknowledge,
        value: incident.id,
        style: "primary",
      }),
    );
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
