import type { Report, ReportEvidence } from "../../core/report.ts";
import { blockLimits as max } from "../blocks/block-limits.ts";
import { mrkdwnText, plainText, richLine } from "../blocks/blocks.ts";
import { mrkdwn, plain, safeUrl } from "../blocks/foreign-text.ts";
import type { Block, ContainerChild, DataTable } from "../blocks/types.ts";
import type { Words } from "../messages/words.ts";
import { amount, clockTime } from "./numbers.ts";

const rowsMax = 12;
const timelineMax = 25;

/** Evidence as a table: cited by causes first; the link is the console view of the same query. */
export function evidenceTable(
  report: Report,
  words: Words,
  linkHosts: readonly string[],
): DataTable[] {
  if (report.evidence.length === 0) return [];
  const items = ordered(report).slice(0, rowsMax);
  const total = report.evidence.length;
  const caption =
    items.length < total
      ? `${words.evidence} (${words.evidenceMore(items.length, total)})`
      : words.evidence;
  return [
    {
      type: "data_table",
      caption: plain(caption, max.tableCaption),
      page_size: 6,
      rows: [
        words.evidenceColumns.map((text) => ({ type: "raw_text" as const, text })),
        ...items.map((item) => row(item, words, linkHosts)),
      ],
    },
  ];
}

function ordered(report: Report): ReportEvidence[] {
  const rank = new Map<string, number>();
  const cited = [
    ...report.rootCauses.flatMap((cause) => [...cause.supporting, ...cause.contradicting]),
    ...report.impact.business.flatMap((item) => item.evidence),
    ...report.impact.slos.flatMap((item) => item.evidence),
  ];
  for (const id of cited) if (!rank.has(id)) rank.set(id, rank.size);
  const place = (item: ReportEvidence) => rank.get(item.id) ?? Number.MAX_SAFE_INTEGER;
  return [...report.evidence].sort((a, b) => place(a) - place(b));
}

function row(item: ReportEvidence, words: Words, linkHosts: readonly string[]) {
  const url = item.provenance
    .map((origin) => safeUrl(origin.link, linkHosts))
    .find((link) => link !== null);
  const links = url ? [{ url, text: words.source }] : [];
  const unit = words.unit(plain(item.unit ?? "", 20));
  return [
    cell(item.id),
    richLine(plain(item.statement, 220), links),
    cell(amount(item.baseline, unit)),
    cell(amount(item.value, unit)),
    cell(item.at ? clockTime(item.at) : "–"),
  ];
}

function cell(text: string) {
  return { type: "raw_text" as const, text: text || "–" };
}

/** The timeline, folded. Containers take no Markdown, so it is mrkdwn sections. */
export function timelineContainer(report: Report, words: Words): Block[] {
  if (report.timeline.length === 0) return [];
  const lines = report.timeline
    .slice(0, timelineMax)
    .map((item) => `\`${clockTime(item.at)}\` ${mrkdwn(item.text, 200)}`);
  const sections: ContainerChild[] = [];
  for (let i = 0; i < lines.length; i += 10) {
    sections.push({ type: "section", text: mrkdwnText(lines.slice(i, i + 10).join("\n")) });
  }
  const total = report.timeline.length;
  const isCut = total > timelineMax;
  const title = isCut
    ? `${words.timeline} · ${words.evidenceMore(timelineMax, total)}`
    : words.timeline;
  return [
    {
      type: "container",
      title: plainText(title, max.containerTitle),
      is_collapsible: true,
      default_collapsed: true,
      child_blocks: sections,
    },
  ];
}
