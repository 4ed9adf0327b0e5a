import { cleanLine, cleanText } from "../core/redaction.ts";
import type { Report, ReportEvidence } from "../core/report.ts";
import { capitalised, shortRef } from "./cause-words.ts";
import { amount, bytes, clockSeconds, dayAndClock, percent } from "./format.ts";
import { css } from "./html-style.ts";
import { fineLine, isBurning, isLoss, kpiLine, sloLine } from "./impact-words.ts";
import { type Words, wordsOf } from "./languages.ts";
import { readable } from "./markdown-text.ts";
import { quoteBeside } from "./quote.ts";
import { readsCost } from "./reads-cost.ts";
import { actionsInReadingOrder, actionsTitle, verdictOf } from "./verdict.ts";

/** Charts of a page in both colour schemes, by `renderChartSvgs`. */
export interface PageCharts {
  readonly light: readonly { readonly title: string; readonly svg: string }[];
  readonly dark: readonly { readonly title: string; readonly svg: string }[];
}

/**
 * A report as one page that needs nothing else: no script, no request to anywhere. Every text is
 * cleaned and escaped; charts stand in it as images.
 */
export function renderHtml(report: Report, charts: PageCharts = { light: [], dark: [] }): string {
  const words = wordsOf(report.language);
  const body = [
    header(report, words),
    actions(report, words),
    pictures(charts, words),
    causes(report, words),
    impact(report, words),
    timeline(report, words),
    gaps(report, words),
    evidence(report, words),
    footer(report, words),
  ];
  return `<!doctype html>
<html lang="${words.code}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${text(`${report.priority.level} · ${report.title}`)}</title>
<style>${css}</style>
</head>
<body><main>
${body.filter((part) => part !== "").join("\n")}
</main></body>
</html>
`;
}

/** Any text as HTML text: cleaned, on one line, escaped. */
function text(value: string, charsMax = 600): string {
  return escaped(readable(cleanLine(value, charsMax)));
}

function escaped(value: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return value.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function section(title: string, content: string, id = ""): string {
  return `<section${id === "" ? "" : ` id="${id}"`}><h2>${text(title)}</h2>\n${content}</section>`;
}

function cites(ids: readonly string[]): string {
  return ids.map((id) => ` <a class="cite" href="#${id.toLowerCase()}">${text(id)}</a>`).join("");
}

function header(report: Report, words: Words): string {
  const verdict = verdictOf(report, words);
  const rest = verdict.rest.map((part) => `<span>${text(part)}</span>`).join("");
  const level = text(verdict.level);
  return `<header><p class="verdict"><b class="level ${level}">${level}</b> <b>${text(verdict.conclusion)}</b>${rest}</p>
<h1>${text(report.title)}</h1>
<p class="summary">${text(report.summary, 1_500)}</p></header>`;
}

function actions(report: Report, words: Words): string {
  if (report.actions.length === 0) return "";
  const items = actionsInReadingOrder(report).map((action) => {
    const detail = [
      action.runbook ? `${words.say("action.runbook")}: ${action.runbook}` : "",
      action.risk === words.say("risk.monitor")
        ? ""
        : `${words.say("action.risk")}: ${action.risk}`,
    ].filter((part) => part !== "");
    const small = detail.length > 0 ? `<br><small>${text(detail.join(" · "))}</small>` : "";
    const command = action.command ? `<pre><code>${text(action.command)}</code></pre>` : "";
    return `<li>${text(action.text)}${cites(action.evidence)}${small}${command}</li>`;
  });
  return section(actionsTitle(report, words), `<ol>${items.join("\n")}</ol>`);
}

function pictures(charts: PageCharts, words: Words): string {
  if (charts.light.length === 0) return "";
  const source = (svg: string) =>
    `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  const images = charts.light.map((chart, i) => {
    const dark = charts.dark[i];
    const other = dark
      ? `<source media="(prefers-color-scheme: dark)" srcset="${source(dark.svg)}">`
      : "";
    const title = text(chart.title);
    const image = `<picture>${other}<img alt="${title}" src="${source(chart.svg)}"></picture>`;
    // Wider than a phone, so that it can be read there.
    return `<div class="chart" role="region" aria-label="${title}" tabindex="0">${image}</div>`;
  });
  return section(words.say("section.charts"), images.join("\n"));
}

function causes(report: Report, words: Words): string {
  const items = report.rootCauses.map((cause) => {
    const names = cause.service === null ? [] : [cause.service];
    const change = cause.change
      ? `<br><small>${text(
          words.say("cause.change-line", {
            kind: words.sayOr(`change.${cause.change.kind}`, cause.change.kind),
            ref: shortRef(cause.change.ref),
            service: cause.change.service,
            title: cause.change.title,
          }),
        )}</small>`
      : "";
    const against = cause.contradicting.length
      ? ` <small>${text(words.say("cause.against"))}${cites(cause.contradicting)}</small>`
      : "";
    const mechanism = text(capitalised(cause.mechanism, names));
    return `<li><b>${percent(cause.confidence)}</b> ${mechanism}${cites(cause.supporting)}${against}${change}</li>`;
  });
  const aside = report.ruledOut.map(
    (item) => `<li>${text(item.claim)}: ${text(item.because)}${cites(item.evidence)}</li>`,
  );
  const isSure = report.conclusion === "confirmed" || report.conclusion === "likely";
  const title = words.say(isSure ? "section.cause" : "section.leads");
  const parts = [
    items.length > 0 ? section(title, `<ol>${items.join("\n")}</ol>`) : "",
    aside.length > 0 ? section(words.say("section.ruled-out"), `<ul>${aside.join("\n")}</ul>`) : "",
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function impact(report: Report, words: Words): string {
  const { priority } = report;
  const lines = [
    ...report.impact.business
      .filter(isLoss)
      .map((item) => `<li>${text(kpiLine(item, words))}${cites(item.evidence)}</li>`),
    ...report.impact.slos
      .filter(isBurning)
      .map((item) => `<li>${text(sloLine(item, words))}${cites(item.evidence)}</li>`),
  ];
  const fine = fineLine(report.impact, words);
  if (fine !== "") lines.push(`<li>${text(fine, 1_000)}</li>`);
  const rows = priority.factors.map(
    (factor) =>
      `<tr><td>${text(words.sayOr(`factor.${factor.name}`, factor.name))}</td>` +
      `<td class="${factor.rating}">${text(words.say(`rating.${factor.rating}`))}</td>` +
      `<td>${text(words.say(`state.${factor.state}`))}</td>` +
      `<td>${text(factor.statement)}${cites(factor.evidence)}</td></tr>`,
  );
  const line = words.say("impact.line", {
    level: priority.level,
    impact: words.say(`rating.${priority.impact}`),
    severity: words.say(`rating.${priority.severity}`),
  });
  const list = lines.length > 0 ? `<ul>${lines.join("\n")}</ul>` : "";
  const table = `<table class="factors"><tbody>${rows.join("\n")}</tbody></table>`;
  return section(words.say("section.impact"), `<p><b>${text(line)}</b></p>${list}${table}`);
}

function timeline(report: Report, words: Words): string {
  if (report.timeline.length === 0) return "";
  const rows = report.timeline.map((entry) => {
    const at = Date.parse(entry.at);
    const day = dayAndClock(at).slice(0, 10);
    return `<tr class="${entry.kind}"><td><time datetime="${text(entry.at)}" title="${day}">${clockSeconds(at)}</time></td><td>${text(entry.text)}${cites(entry.evidence)}</td></tr>`;
  });
  const title = `${words.say("section.timeline")} (UTC)`;
  return section(title, `<table class="timeline"><tbody>${rows.join("\n")}</tbody></table>`);
}

function gaps(report: Report, words: Words): string {
  if (report.gaps.length === 0) return "";
  const items = report.gaps.map(
    (gap) =>
      `<li><b>${text(gap.what)}</b>: ${text(gap.why)} <small>${text(gap.effect)}</small></li>`,
  );
  return section(words.say("section.unknown"), `<ul>${items.join("\n")}</ul>`);
}

function evidence(report: Report, words: Words): string {
  const shownAt = new Map<string, string>();
  const items = report.evidence.map((item) => evidenceItem(item, shownAt, words));
  return section(words.say("section.evidence"), items.join("\n"));
}

/** `shownAt`: the evidence that a query was shown with first; many findings share one. */
function evidenceItem(item: ReportEvidence, shownAt: Map<string, string>, words: Words): string {
  const said = quoteBeside(item);
  const quote = said
    ? `<p><small>${text(words.say("evidence.quote"))}</small></p><pre class="quote">${escaped(cleanText(said))}</pre>`
    : "";
  const queries = item.provenance.map((made) => {
    const at = (iso: string) => dayAndClock(Date.parse(iso));
    const again = words.say("evidence.again", {
      source: made.source,
      from: at(made.window.from),
      to: at(made.window.to),
    });
    const isSafe = made.link !== undefined && /^https?:\/\/[^\s"'<>]+$/i.test(made.link);
    const open = isSafe
      ? ` · <a rel="noreferrer noopener" href="${escaped(made.link ?? "")}">${text(words.say("evidence.open"))}</a>`
      : "";
    const known = shownAt.get(made.query);
    if (known === undefined) shownAt.set(made.query, item.id);
    const line = `${text(again)}${open}`;
    if (known === undefined) {
      return `<p><small>${line}</small></p><pre><code>${escaped(cleanText(made.query, 4_000))}</code></pre>`;
    }
    return `<p><small>${line} · ${text(words.say("evidence.same-query"))}${cites([known])}</small></p>`;
  });
  // The id stands inside, because a link to a part of what is folded unfolds it.
  return `<details><summary><b>${text(item.id)}</b> ${text(item.statement)}</summary><div id="${item.id.toLowerCase()}">${quote}${queries.join("")}</div></details>`;
}

function footer(report: Report, words: Words): string {
  const { usage } = report;
  const used = words.say("footer.usage", {
    model: report.model,
    tools: usage.toolCalls,
    seconds: amount(usage.seconds),
    bytes: bytes(usage.bytesScanned),
  });
  const id = words.say("footer.incident", { id: report.id });
  return `<footer>${text(`${id} · ${used}${readsCost(usage, words)}`)}</footer>`;
}
