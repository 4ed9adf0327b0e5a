/**
 * `node examples/readme/main.ts` draws a chart of each recording and writes examples/README.md.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { faults } from "../shop/faults/catalog.ts";
import type { Fault } from "../shop/faults/fault.ts";
import { type ChartPanel, chart, type Marks, type Point } from "./chart.ts";
import { type Panel, panels } from "./panels.ts";

const examplesDir = join(import.meta.dirname, "..");

interface Incident {
  id: string;
  title: string;
  trigger: { name: string; summary: string; firedAt: string };
  baseline: { from: string; to: string };
  window: { to: string };
}

interface Truth {
  kind: string;
  services: string[];
  changes: string[];
  decoys: string[];
  remediation: string;
  priority: string;
  priorityReason: string;
  onset: string | null;
}

const sections: string[] = [];
await mkdir(join(examplesDir, "charts"), { recursive: true });
for (const fault of faults) {
  const dir = join(examplesDir, "incidents", fault.folder);
  if (existsSync(dir)) sections.push(await section(fault, dir));
}
const intro = await readFile(join(import.meta.dirname, "intro.md"), "utf8");
await writeFile(join(examplesDir, "README.md"), `${intro}\n${sections.join("\n")}`);
console.error(`${sections.length} recordings in examples/README.md`);

async function section(fault: Fault, dir: string): Promise<string> {
  const incident = await json<Incident>(join(dir, "incident.json"));
  const truth = await json<Truth>(join(dir, "truth.json"));
  const startMs = Date.parse(incident.baseline.from);
  const seconds = (iso: string) => (Date.parse(iso) - startMs) / 1000;
  const changes = await changeTimes(dir);
  const marks: Marks = {
    totalSeconds: seconds(incident.window.to),
    baselineSeconds: seconds(incident.baseline.to),
    onsetSeconds: truth.onset ? seconds(truth.onset) : null,
    alarmSeconds: seconds(incident.trigger.firedAt),
    changesSeconds: changes.map(seconds).filter((at) => at >= 0),
  };
  const drawn: ChartPanel[] = [];
  for (const panel of panels[fault.name] ?? []) {
    drawn.push({ label: panel.label, points: await readPoints(dir, panel, startMs) });
  }
  await writeFile(
    join(examplesDir, "charts", `${fault.folder}.svg`),
    chart(`${incident.id}: ${incident.title}`, drawn, marks),
  );
  return text(fault, incident, truth);
}

function text({ name, folder }: Fault, { id, title, trigger }: Incident, truth: Truth): string {
  const list = (items: string[]) => items.map((item) => `\`${item}\``).join(", ") || "none";
  return `## ${folder}

${id}: ${title}. ${trigger.summary}

![${title}](charts/${folder}.svg)

<details><summary>Truth</summary>

- made by \`npm run shop -- record ${name}\`, kind: ${truth.kind}
- began: ${truth.onset ?? "nothing began"}
- root cause: ${list(truth.services)}; guilty changes: ${list(truth.changes)}
- decoys: ${list(truth.decoys)}
- remedy: ${truth.remediation}; priority: ${truth.priority}. ${truth.priorityReason}

</details>
`;
}

async function readPoints(dir: string, panel: Panel, startMs: number): Promise<Point[]> {
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll(
    `SELECT epoch(time_bucket(INTERVAL 10 SECOND, timestamp))::DOUBLE,
            CASE WHEN any_value(kind) = 'count' THEN sum(value) ELSE avg(value) END
       FROM '${dir}/metrics.parquet'
      WHERE service = $1 AND metric = $2 AND contains(coalesce(attributes, ''), $3)
      GROUP BY 1 ORDER BY 1`,
    [panel.service, panel.metric, panel.where ?? ""],
  );
  connection.closeSync();
  const rows = reader.getRows() as [number, number][];
  return rows.map(([at, value]) => [at - startMs / 1000, value / (panel.per ?? 1)]);
}

async function changeTimes(dir: string): Promise<string[]> {
  const lines = (await readFile(join(dir, "changes.jsonl"), "utf8")).trim().split("\n");
  return lines.map((line) => (JSON.parse(line) as { timestamp: string }).timestamp);
}

async function json<Shape>(path: string): Promise<Shape> {
  return JSON.parse(await readFile(path, "utf8")) as Shape;
}
