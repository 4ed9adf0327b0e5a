import type { Language } from "../core/language.ts";
import type { Report } from "../core/report.ts";
import { renderCharts } from "../report/charts.ts";
import { renderMarkdown } from "../report/markdown.ts";

/** The whole report as Markdown, for the file behind "Open report". */
export function fullReportText(report: Report, language: Language): string {
  return renderMarkdown({ ...report, language });
}

/** The key signals under one another as PNG; null when no evidence carries points. */
export async function drawSignals(report: Report): Promise<Uint8Array | null> {
  const charts = await renderCharts(report);
  return charts.find((chart) => chart.name === "signals")?.png ?? null;
}
