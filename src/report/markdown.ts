import type { Report } from "../core/report.ts";
import { amount, bytes, clockSeconds, dayAndClock, percent } from "./format.ts";
import { fineLine, isBurning, isLoss, kpiLine, sloLine } from "./impact-words.ts";
import { type Words, wordsOf } from "./languages.ts";
import { causeSection } from "./markdown-cause.ts";
import { evidenceSection } from "./markdown-evidence.ts";
import { cites, code, link, plain } from "./markdown-text.ts";
import { readsCost } from "./reads-cost.ts";
import { actionsInReadingOrder, actionsTitle, type Verdict, verdictOf } from "./verdict.ts";

/** What a renderer may be told beside the report. */
export interface MarkdownOptions {
  /** Charts that lie beside the Markdown file as `<name>.png`. */
  readonly charts?: readonly { readonly name: string; readonly title: string }[];
  /** Read as it is, on a terminal: without anchors and the links to them. */
  readonly isScreen?: boolean;
}

/** A report as Markdown: verdict and what to do in the first screen, proof below. */
export function renderMarkdown(report: Report, options: MarkdownOptions = {}): string {
  const words = wordsOf(report.language);
  const verdict = verdictOf(report, words);
  const sections = [
    head(report, verdict),
    doSection(report, words),
    chartSection(options, words),
    causeSection(report, words),
    impactSection(report, words),
    timelineSection(report, words),
    gapSection(report, words),
    similarSection(report, words),
    evidenceSection(report, words),
    footer(report, words),
  ];
  const text = `${sections.filter((section) => section !== "").join("\n\n")}\n`;
  return options.isScreen ? withoutLinks(text) : text;
}

/** `[E1](#e1)` as `E1`; anchors go. */
function withoutLinks(text: string): string {
  return text.replace(/<a id="[eq]\d+"><\/a>/g, "").replace(/\[([EQ]\d+)\]\(#[eq]\d+\)/g, "$1");
}

function head(report: Report, verdict: Verdict): string {
  const lines = [
    `# ${verdict.level} · ${plain(report.title)}`,
    `**${verdict.conclusion}** · ${verdict.rest.map((part) => plain(part)).join(" · ")}`,
    plain(report.summary, 1_500),
    ...(report.narrative ? [`> ${plain(report.narrative, 2_000)}`] : []),
  ];
  return lines.join("\n\n");
}

function doSection(report: Report, words: Words): string {
  if (report.actions.length === 0) return "";
  const title = actionsTitle(report, words);
  const items = actionsInReadingOrder(report).map((action, i) => {
    const parts = [`${i + 1}. ${plain(action.text)}${cites(action.evidence)}`];
    const runbook = action.runbook
      ? `${words.say("action.runbook")}: ${link(plain(action.runbook), `runbooks/${action.runbook}.md`)}`
      : "";
    const noRisk = words.say("risk.monitor");
    const risk = action.risk !== noRisk ? `${words.say("action.risk")}: ${plain(action.risk)}` : "";
    const detail = [runbook, risk].filter((part) => part !== "").join(" · ");
    if (detail !== "") parts.push(`   ${detail}`);
    if (action.command) parts.push(`   ${code(action.command, 400)}`);
    return parts.join("  \n");
  });
  return `## ${title}\n\n${items.join("\n")}`;
}

function chartSection(options: MarkdownOptions, words: Words): string {
  const charts = options.charts ?? [];
  if (charts.length === 0) return "";
  const images = charts.map((chart) => `![${plain(chart.title)}](${chart.name}.png)`);
  return `## ${words.say("section.charts")}\n\n${images.join("\n\n")}`;
}

function impactSection(report: Report, words: Words): string {
  const { priority, impact } = report;
  const line = words.say("impact.line", {
    level: priority.level,
    impact: words.say(`rating.${priority.impact}`),
    severity: words.say(`rating.${priority.severity}`),
  });
  const head = (["factor", "rating", "basis", "why"] as const).map((key) =>
    words.say(`table.${key}`),
  );
  const rows = priority.factors.map((factor) => [
    words.sayOr(`factor.${factor.name}`, factor.name),
    words.say(`rating.${factor.rating}`),
    words.say(`state.${factor.state}`),
    `${plain(factor.statement)}${cites(factor.evidence)}`,
  ]);
  const table = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
  const business = impact.business
    .filter(isLoss)
    .map((item) => `- ${plain(kpiLine(item, words))}${cites(item.evidence)}`);
  const slos = impact.slos
    .filter(isBurning)
    .map((item) => `- ${plain(sloLine(item, words))}${cites(item.evidence)}`);
  const fine = fineLine(impact, words);
  const list = [...business, ...slos, ...(fine === "" ? [] : [`- ${plain(fine, 1_000)}`])];
  return [
    `## ${words.say("section.impact")}`,
    `**${line}**`,
    ...(list.length > 0 ? [list.join("\n")] : []),
    table.join("\n"),
  ].join("\n\n");
}

function timelineSection(report: Report, words: Words): string {
  if (report.timeline.length === 0) return "";
  const first = Date.parse(report.timeline[0]?.at ?? report.window.from);
  let day = "";
  const lines = report.timeline.map((entry) => {
    const at = Date.parse(entry.at);
    const today = dayAndClock(at).slice(0, 10);
    const shown = today === day ? clockSeconds(at) : `${today} ${clockSeconds(at)}`;
    day = today;
    const text = `${plain(entry.text)}${cites(entry.evidence)}`;
    const isKey = entry.kind === "onset" || entry.kind === "alarm";
    return `- ${shown} ${isKey ? `**${plain(entry.text)}**${cites(entry.evidence)}` : text}`;
  });
  return first ? `## ${words.say("section.timeline")} (UTC)\n\n${lines.join("\n")}` : "";
}

function gapSection(report: Report, words: Words): string {
  if (report.gaps.length === 0) return "";
  const shown = report.gaps.slice(0, 12).map((gap) => {
    const why = plain(gap.why.replace(/[.。]+$/, ""));
    const effect = gap.effect === "" ? "" : `; ${words.say("gap.effect")} ${plain(gap.effect)}`;
    return `- **${plain(gap.what)}**: ${why}${effect}`;
  });
  const rest = report.gaps.length - shown.length;
  if (rest > 0) shown.push(`- ${words.say("report.more", { count: rest })}`);
  return `## ${words.say("section.unknown")}\n\n${shown.join("\n")}`;
}

function similarSection(report: Report, words: Words): string {
  if (report.similar.length === 0) return "";
  const lines = report.similar.slice(0, 5).map((item) => {
    const score = words.say("similar.score", { score: percent(item.score) });
    return `- ${code(item.incident)} (${score}): ${plain(item.why)}`;
  });
  return `## ${words.say("section.similar")}\n\n${lines.join("\n")}`;
}

function footer(report: Report, words: Words): string {
  const { usage, window, baseline } = report;
  const at = (iso: string) => dayAndClock(Date.parse(iso));
  const used = words.say("footer.usage", {
    model: report.model,
    tools: usage.toolCalls,
    seconds: amount(usage.seconds),
    bytes: bytes(usage.bytesScanned),
  });
  const tokens =
    usage.modelCalls === 0
      ? ""
      : words.say(usage.costUsd > 0 ? "footer.tokens" : "footer.unpriced", {
          calls: usage.modelCalls,
          tokens: usage.inputTokens + usage.outputTokens,
          cost: usage.costUsd.toFixed(2),
        });
  const compared = words.say("footer.window", {
    from: at(window.from),
    to: at(window.to),
    baselineFrom: at(baseline.from),
    baselineTo: at(baseline.to),
  });
  const id = words.say("footer.incident", { id: report.id });
  return `---\n${plain(`${id} · ${used}${readsCost(usage, words)}${tokens}`)}  \n${plain(compared)}`;
}
