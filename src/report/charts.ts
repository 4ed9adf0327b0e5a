import type { Spec } from "vega";
import type { Report } from "../core/report.ts";
import { type ChartTheme, chartThemes } from "./chart-theme.ts";
import { wordsOf } from "./languages.ts";
import { renderPng } from "./png.ts";
import { mapSpec } from "./service-map.ts";
import { signalSpec } from "./signal-chart.ts";

/** A picture of a report, in both forms. */
export interface Chart {
  /** File name without ending: `signals`, `service-map`. */
  readonly name: string;
  readonly title: string;
  readonly svg: string;
  readonly png: Uint8Array;
}

/** The charts a report can give: none when its evidence has no points and no topology is known. */
export async function renderCharts(
  report: Report,
  theme: ChartTheme["name"] = "light",
): Promise<Chart[]> {
  const svgs = await renderChartSvgs(report, theme);
  return Promise.all(svgs.map(async (chart) => ({ ...chart, png: await renderPng(chart.svg) })));
}

/** The same as SVG alone, for pages. */
export async function renderChartSvgs(
  report: Report,
  theme: ChartTheme["name"] = "light",
): Promise<Omit<Chart, "png">[]> {
  const words = wordsOf(report.language);
  const colors = chartThemes[theme];
  const planned = [
    {
      name: "signals",
      title: words.say("chart.signals"),
      spec: signalSpec(report, words, colors),
    },
    {
      name: "service-map",
      title: words.say("chart.map"),
      spec: await mapSpec(report, words, colors),
    },
  ];
  const charts: Omit<Chart, "png">[] = [];
  for (const { name, title, spec } of planned) {
    if (spec) charts.push({ name, title, svg: await renderSvg(spec) });
  }
  return charts;
}

/** vega is loaded when the first chart is drawn, not before. */
async function renderSvg(spec: Spec): Promise<string> {
  const vega = await import("vega");
  const view = new vega.View(vega.parse(spec), { renderer: "none", logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
