/**
 * How well the analyst does on incidents of other kinds than the recorded ones, in the words of
 * other companies:
 * `npm run bench -- imagined [--only NAME] [--dialect NAME] [--seed 1] [--keep FOLDER]`. Each is
 * simulated request by request, so that metrics, logs and spans tell one story. Without `--dialect`
 * the dialects take turns; `--dialect all` tries every incident in each. Prints one JSON document;
 * a line per wrong answer goes to stderr.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dialects } from "./imagined-parts/dialect-list.ts";
import { changeIncidents } from "./imagined-parts/incidents-changes.ts";
import { healthyIncidents } from "./imagined-parts/incidents-healthy.ts";
import { outsideIncidents } from "./imagined-parts/incidents-outside.ts";
import { viewIncidents } from "./imagined-parts/incidents-views.ts";
import { writeCase } from "./imagined-parts/write-case.ts";
import { scoreFolder } from "./robustness-parts/score.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    dialect: { type: "string" },
    seed: { type: "string", default: "1" },
    keep: { type: "string" },
  },
});

const incidents = [...outsideIncidents, ...viewIncidents, ...changeIncidents, ...healthyIncidents];
const root = options.keep ?? mkdtempSync(join(tmpdir(), "bench-imagined-"));
const seed = Number(options.seed);
try {
  for (const [at, imagined] of incidents.entries()) {
    if (options.only && !options.only.includes(imagined.name)) continue;
    for (const [turn, dialect] of dialects.entries()) {
      const isWanted = options.dialect
        ? options.dialect === "all" || options.dialect === dialect.name
        : (at + seed) % dialects.length === turn;
      if (!isWanted) continue;
      writeCase(imagined, dialect, seed, join(root, `${imagined.name}.${dialect.name}`));
    }
  }
  const row = await scoreFolder(root, "imagined");
  for (const line of row.wrong) process.stderr.write(`${line}\n`);
  process.stdout.write(`${JSON.stringify(row, null, 2)}\n`);
} finally {
  if (!options.keep) rmSync(root, { recursive: true, force: true });
}
