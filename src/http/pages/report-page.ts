import { html, raw } from "hono/html";
import type { Incident } from "../../core/incident.ts";
import { hasRole, type Principal } from "../../core/principal.ts";
import type { Report } from "../../core/report.ts";
import { renderChartSvgs } from "../../report/charts.ts";
import { type PageCharts, renderHtml } from "../../report/html.ts";
import { css as reportCss } from "../../report/html-style.ts";
import { httpLimits } from "../limits.ts";
import { type PageWords, pageWordsOf } from "../words/page-words.ts";
import { subnav } from "./incident-status.ts";
import { header } from "./layout.ts";

/** What our own header and forms need on a page whose look is the report's. */
export const reportExtraCss = `
.skip{position:absolute;left:-99rem}.skip:focus{left:.5rem;top:.5rem;background:var(--back);padding:.4rem .8rem;z-index:2}
.top{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;align-items:center;padding:.6rem 1.25rem;border-bottom:1px solid var(--line);background:var(--soft)}
.top a,.subnav a{color:var(--link);text-decoration:none}.top .who{margin-left:auto;color:var(--faint);font-size:.9rem}.top form{margin:0}
.subnav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin:0 0 1rem;padding:0;list-style:none}.subnav li{margin:0}
.row{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:1rem 0}
.row input,.row button,.top button{font:inherit;color:inherit;background:var(--back);border:1px solid var(--faint);border-radius:.35rem;padding:.3rem .6rem}
.row label{display:block;font-size:.85rem;color:var(--faint)}
.level.P1{background:#8a5208}.level.P3{background:#1b6e3c}
@media (prefers-color-scheme:dark){.level.P1{background:#e9b55c}.level.P3{background:#6fd08c}}
a:focus-visible,button:focus-visible,input:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
@media print{.top,.subnav,.row,.skip{display:none}}
`.trim();

export { reportCss };

/** Charts are drawn once per report and colour scheme. */
export function chartCache(): (report: Report) => Promise<PageCharts> {
  const kept = new Map<string, Promise<PageCharts>>();
  return (report) => {
    const key = `${report.id} ${report.priority.level} ${report.evidence.length}`;
    const known = kept.get(key);
    if (known) return known;
    const drawn = drawBoth(report);
    drawn.catch(() => kept.delete(key));
    if (kept.size >= httpLimits.chartsKept) kept.delete(kept.keys().next().value ?? "");
    kept.set(key, drawn);
    return drawn;
  };
}

async function drawBoth(report: Report): Promise<PageCharts> {
  const [light, dark] = [
    await renderChartSvgs(report, "light"),
    await renderChartSvgs(report, "dark"),
  ];
  return { light, dark };
}

/** The report with a way to everything around it. For paper every item of evidence is open. */
export function reportPage(options: {
  readonly incident: Incident;
  readonly report: Report;
  readonly charts: PageCharts;
  readonly principal: Principal;
  readonly isForPaper: boolean;
}): string {
  const { incident, report, charts, principal, isForPaper } = options;
  // The frame speaks the report's language: half a page in another one reads like a fault.
  const words = pageWordsOf(report.language);
  const before = html`${header(principal, words)}`;
  const inside = html`${subnav(incident.id, words)}${acknowledged(incident, words)}`;
  const after = hasRole(principal, "viewer") && !isForPaper ? feedbackForm(incident.id, words) : "";
  const whole = renderHtml(report, charts)
    .replace(
      "</style>",
      () => `</style>\n<link rel="icon" href="data:,">\n<style>${reportExtraCss}</style>`,
    )
    .replace("<body><main>", () => `<body>${before}<main id="content">${inside}`)
    .replace(
      "</main>",
      () => `${after}${isForPaper ? "" : actionsFor(incident, principal, words)}</main>`,
    );
  return isForPaper ? whole.replaceAll("<details>", "<details open>") : whole;
}

function acknowledged(incident: Incident, words: PageWords) {
  if (!incident.acknowledgedBy) return "";
  const { by, at } = incident.acknowledgedBy;
  const time = new Date(at).toISOString().slice(0, 16).replace("T", " ");
  return html`<p><small>${words.say("report.acknowledged", { by, time })}</small></p>`;
}

function actionsFor(incident: Incident, principal: Principal, words: PageWords) {
  if (!hasRole(principal, "responder") || incident.acknowledgedBy) return raw("");
  return html`<form class="row" method="post" action="/reports/${incident.id}/acknowledge">
    <button>${words.say("report.acknowledge")}</button>
  </form>`;
}

function feedbackForm(id: string, words: PageWords) {
  return html`<form class="row" method="post" action="/reports/${id}/feedback">
    <div>
      <label for="reason">${words.say("report.reason")}</label>
      <input id="reason" name="reason" maxlength="500" />
    </div>
    <button name="verdict" value="helpful">${words.say("report.helpful")}</button>
    <button name="verdict" value="not-helpful">${words.say("report.not-helpful")}</button>
  </form>`;
}
