import type { Incident } from "../core/incident.ts";
import type { Report } from "../core/report.ts";
import { caseState } from "./case-view.ts";
import type { CaseRecord } from "./cases.ts";
import { uploadChart } from "./chart-upload.ts";
import { wordsOf } from "./messages/words.ts";
import type { Parts } from "./parts.ts";
import { closedErrors } from "./sending/failures.ts";
import { levelOf } from "./views/case-state.ts";
import { noteView } from "./views/notes.ts";
import { reportView } from "./views/report.ts";
import { chartedEvidence, nativeChart } from "./views/report-charts.ts";

/**
 * The report in the thread or, where that is closed to us by now, to whoever asked. The answer is
 * null when somebody has it on screen, else why not.
 */
export async function deliverReport(
  parts: Parts,
  record: CaseRecord,
  incident: Incident,
  report: Report,
): Promise<string | null> {
  const error = await deliverInThread(parts, record, incident, report);
  const isNew = record.report?.id !== report.id;
  const elsewhere = closedErrors.includes(error ?? "") && isNew ? otherPlace(parts, record) : null;
  if (elsewhere === null) return error;
  parts.logger.warn("slack-report-elsewhere", { incident: incident.id, error });
  const place = { channel: elsewhere, thread: null };
  const why = noteView(wordsOf(record.language).closedChannel(`<#${record.channel}>`));
  await parts.poster.post(place, why);
  const view = reportView(caseState(parts, record, { incident, report, progress: null }), report);
  const mark = { type: "shodo_report", id: report.id } as const;
  const posted = await parts.poster.post(place, view, { mark });
  return posted.kind === "failed" ? posted.error : null;
}

/** Whom to tell when a thread is closed: the person who asked, else the channel of alarms. */
function otherPlace({ settings }: Parts, { askedBy, channel }: CaseRecord): string | null {
  if (askedBy && /^[UW][A-Z0-9]+$/.test(askedBy)) return askedBy;
  return settings.alarmChannel && settings.alarmChannel !== channel ? settings.alarmChannel : null;
}

/**
 * The report as its own message, posted once and afterwards rebuilt from stored state. When Slack
 * refuses the blocks, charts go from native to image to none; the words always arrive.
 */
async function deliverInThread(
  parts: Parts,
  record: CaseRecord,
  incident: Incident,
  report: Report,
): Promise<string | null> {
  const words = wordsOf(record.language);
  const charted = chartedEvidence(report);
  let current = record;
  const isDense = charted.length > 0 && charted.every((item) => nativeChart(item, words) === null);
  if (isDense && record.charts === "native") {
    current = await withChartImage(parts, record, report);
  }
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const error = await show(parts, current, incident, report);
    if (error !== "invalid_blocks" && error !== "msg_blocks_too_long") return error;
    current = await simplerCharts(parts, current, report);
  }
  const view = reportView(caseState(parts, current, { incident, report, progress: null }), report);
  return post(parts, current, incident, report, noteView(`${view.text}\n${words.more}`));
}

/** Posts or edits; null when it is on screen, else Slack's code. */
async function show(
  parts: Parts,
  record: CaseRecord,
  incident: Incident,
  report: Report,
): Promise<string | null> {
  const view = reportView(caseState(parts, record, { incident, report, progress: null }), report);
  if (record.report?.id === report.id) {
    const outcome = await parts.poster.update(record.channel, record.report.ts, view, 0);
    return outcome.kind === "refused" ? outcome.error : null;
  }
  return post(parts, record, incident, report, view);
}

async function post(
  parts: Parts,
  record: CaseRecord,
  incident: Incident,
  report: Report,
  view: Parameters<Parts["poster"]["post"]>[1],
): Promise<string | null> {
  const level = levelOf(incident, report);
  const isUrgent = level === "P0" || level === "P1";
  const hasHeadline = record.headline === record.thread;
  const isNews = !record.isDirect && !hasHeadline && report.conclusion !== "no-incident";
  const posted = await parts.poster.post(record, view, {
    broadcast: isUrgent && isNews,
    mark: { type: "shodo_report", id: report.id },
  });
  if (posted.kind === "failed") return posted.error;
  await parts.cases.change(record.incident, { report: { ts: posted.ts, id: report.id } });
  return null;
}

async function simplerCharts(
  parts: Parts,
  record: CaseRecord,
  report: Report,
): Promise<CaseRecord> {
  if (record.charts === "native") return withChartImage(parts, record, report);
  return (await parts.cases.change(record.incident, { charts: "none", chartFile: null })) ?? record;
}

async function withChartImage(
  parts: Parts,
  record: CaseRecord,
  report: Report,
): Promise<CaseRecord> {
  const chartFile = await uploadChart(parts, report);
  const charts = chartFile ? ("image" as const) : ("none" as const);
  return (await parts.cases.change(record.incident, { charts, chartFile })) ?? record;
}
