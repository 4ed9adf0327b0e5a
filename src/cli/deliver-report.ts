import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Report, unreadable } from "../core/report.ts";
import { renderCharts } from "../report/charts.ts";
import { renderMarkdown } from "../report/markdown.ts";
import { exitCodes, type Options, textOption } from "./command.ts";
import { cannotWrite } from "./output-files.ts";
import type { Terminal } from "./terminal.ts";

/** Prints a report as Markdown or JSON, writes it to `--out`, and says how the command ends. */
export async function deliverReport(
  report: Report,
  options: Options,
  terminal: Terminal,
): Promise<number> {
  const text = () => renderMarkdown(report, { isScreen: terminal.isScreen });
  terminal.print(options.json ? JSON.stringify(report, null, 2) : text());
  const out = textOption(options, "out");
  if (out !== undefined) {
    const folder = resolve(out);
    try {
      await writeReport(report, folder);
    } catch (cause) {
      // The report itself was found and stands above: this is no fault of ours.
      terminal.say(cannotWrite("--out", out, cause));
      return exitCodes.usage;
    }
    terminal.say(`report, JSON and charts are in ${folder}`);
  }
  return report.usage.stoppedBy === unreadable ? exitCodes.unreadable : exitCodes.done;
}

async function writeReport(report: Report, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const charts = await renderCharts(report);
  await Promise.all([
    writeFile(join(folder, "report.json"), `${JSON.stringify(report, null, 2)}\n`),
    writeFile(join(folder, "report.md"), renderMarkdown(report, { charts })),
    ...charts.flatMap((chart) => [
      writeFile(join(folder, `${chart.name}.svg`), chart.svg),
      writeFile(join(folder, `${chart.name}.png`), chart.png),
    ]),
  ]);
}
