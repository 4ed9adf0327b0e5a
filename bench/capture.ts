/**
 * The capture source at size: `npm run bench -- capture [--lines 1000000] [--series 2000]
 * [--many-series 20000] [--spans 1000000] [--repeat 3] [--growth] [--keep FOLDER]` prints JSON.
 * Each figure is a whole process (start, import, open, answer, exit), the median of its runs;
 * data is made into a temporary folder. `--growth` adds runs at five times the sizes.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import type { SignalQuery } from "../src/core/query.ts";
import { capture, readCaptureIncident } from "../src/sources/capture.ts";
import { drainFile } from "./capture-parts/drain.ts";
import { makeCapture, type Sizes } from "./capture-parts/generate.ts";

interface Run {
  readonly name: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

const { values: options } = parseArgs({
  options: {
    lines: { type: "string", default: "1000000" },
    series: { type: "string", default: "2000" },
    "many-series": { type: "string", default: "20000" },
    spans: { type: "string", default: "1000000" },
    repeat: { type: "string", default: "3" },
    growth: { type: "boolean", default: false },
    keep: { type: "string" },
    child: { type: "string" },
    folder: { type: "string", default: "" },
  },
});

if (options.child) await child(options.child, options.folder);
else await main();

async function main(): Promise<void> {
  const root = options.keep ?? mkdtempSync(join(tmpdir(), "bench-capture-"));
  mkdirSync(root, { recursive: true });
  try {
    process.stdout.write(`${JSON.stringify(await measureAll(root), null, 2)}\n`);
  } finally {
    if (!options.keep) rmSync(root, { recursive: true, force: true });
  }
}

async function measureAll(root: string) {
  const base: Sizes = {
    lines: Number(options.lines),
    series: Number(options.series),
    spans: Number(options.spans),
    logs: "easy",
    logFormat: "jsonl",
  };
  const none = { series: 0, spans: 0 };
  const all = await makeCapture(root, base);
  const hard = await makeCapture(root, { ...base, ...none, logs: "hard" });
  const many = await makeCapture(root, {
    ...base,
    ...none,
    lines: 0,
    series: Number(options["many-series"]),
  });
  const small = await makeCapture(root, { ...base, lines: 5_000, series: 20, spans: 5_000 });
  const runs = {
    scanLogs: median("scan", all),
    logPatterns: median("log-patterns", all),
    javaScriptDrain: median("drain", all),
    pythonDrain: python(all),
    scanHardLogs: median("scan", hard),
    hardLogPatterns: median("log-patterns", hard),
    metrics: median("metrics", all),
    manyMetrics: median("metrics", many),
    traces: median("traces", all),
    everything: median("everything", all),
    firstAnswer: median("log-patterns", small),
  };
  const growth = options.growth ? await growthOf(root, base, runs) : null;
  // Processor time tells more than the clock on a machine that others use as well.
  const per = (a: Run | null, b: Run) =>
    a && {
      wall: Number((a.seconds / b.seconds).toFixed(2)),
      cpu: Number((a.cpuSeconds / b.cpuSeconds).toFixed(2)),
    };
  return {
    machine: {
      cpus: availableParallelism(),
      model: cpus()[0]?.model,
      node: process.version,
      load: loadavg()[0],
    },
    sizes: { ...base, manySeries: Number(options["many-series"]) },
    runs,
    ratios: {
      "log patterns / scan (bar 3)": per(runs.logPatterns, runs.scanLogs),
      "word-heavy log patterns / scan (bar 6)": per(runs.hardLogPatterns, runs.scanHardLogs),
      "JavaScript Drain / log patterns (bar 2)": per(runs.javaScriptDrain, runs.logPatterns),
      "Python Drain / log patterns (bar 6)": per(runs.pythonDrain, runs.logPatterns),
    },
    bars: {
      "metrics <= 0.7 s": runs.metrics.seconds,
      "many metrics <= 3 s": runs.manyMetrics.seconds,
      "traces <= 1 s": runs.traces.seconds,
      "everything <= 3 s": runs.everything.seconds,
      "everything <= 700 MB": runs.everything.rssMb,
      "first answer <= 0.4 s": runs.firstAnswer.seconds,
    },
    growth,
  };
}

/** Five times the input should take at most six times as long. */
async function growthOf(root: string, base: Sizes, runs: Record<string, Run | null>) {
  const five = await makeCapture(root, {
    ...base,
    lines: base.lines * 5,
    series: base.series * 5,
    spans: base.spans * 5,
  });
  const results: Record<string, unknown> = {};
  const names = { logPatterns: "log-patterns", traces: "traces", everything: "everything" };
  for (const [name, measure] of Object.entries(names)) {
    const run = median(measure, five);
    const before = runs[name]?.seconds ?? Number.NaN;
    results[name] = { ...run, timesAsLong: Number((run.seconds / before).toFixed(2)) };
  }
  return results;
}

function median(name: string, folder: string): Run {
  const runs = Array.from({ length: Number(options.repeat) }, () => once(name, folder));
  runs.sort((a, b) => a.seconds - b.seconds);
  return runs[Math.floor(runs.length / 2)] as Run;
}

function once(name: string, folder: string): Run {
  const args = [import.meta.filename, "--child", name, "--folder", folder];
  const { seconds, output } = timed(process.execPath, args);
  const { cpuSeconds, rssMb } = JSON.parse(output) as { cpuSeconds: number; rssMb: number };
  return { name, seconds, cpuSeconds, rssMb };
}

/** Null where there is no python3. */
function python(folder: string): Run | null {
  if (spawnSync("python3", ["--version"]).status !== 0) return null;
  const script = join(import.meta.dirname, "capture-parts", "drain.py");
  const { seconds, output } = timed("python3", [script, join(folder, "logs.jsonl")]);
  const { cpuSeconds } = JSON.parse(output) as { cpuSeconds: number };
  return { name: "python drain", seconds, cpuSeconds, rssMb: 0 };
}

function timed(command: string, args: readonly string[]): { seconds: number; output: string } {
  const startedAt = performance.now();
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1e8 });
  const seconds = Number(((performance.now() - startedAt) / 1000).toFixed(3));
  if (result.status !== 0) throw new Error(`${args.join(" ")} failed: ${result.stderr}`);
  return { seconds, output: result.stdout };
}

async function child(name: string, folder: string): Promise<void> {
  if (name === "scan") await scan(folder);
  else if (name === "drain") await drainFile(join(folder, "logs.jsonl"));
  else await ask(name, folder);
  const { user, system } = process.cpuUsage();
  const cpuSeconds = Number(((user + system) / 1e6).toFixed(3));
  const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(JSON.stringify({ cpuSeconds, rssMb }), () => process.exit(0));
}

/** What DuckDB needs to read the columns that patterns are made of, and nothing more. */
async function scan(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  await connection.run("SET preserve_insertion_order = false");
  await connection.run(`SELECT count(timestamp), count(service), count(severity),
    sum(length(body)), count(trace_id) FROM read_json('${join(folder, "logs.jsonl")}',
    format = 'newline_delimited', ignore_errors = true, columns = {timestamp: 'TIMESTAMP',
    service: 'VARCHAR', severity: 'VARCHAR', body: 'VARCHAR', trace_id: 'VARCHAR'})`);
}

async function ask(name: string, folder: string): Promise<void> {
  const incident = await readCaptureIncident(folder);
  const { window, baseline } = incident;
  if (!baseline) throw new Error("the made-up capture has a baseline");
  const day = { from: window.to - 86_400_000, to: window.from };
  const stepMs = 60_000;
  const metrics: SignalQuery[] = [{ kind: "metric-series", baseline: day }];
  const traces: SignalQuery[] = [
    { kind: "operation-stats", baseline },
    { kind: "edge-stats", baseline },
    { kind: "span-series", baseline, stepMs },
  ];
  const logs: SignalQuery[] = [{ kind: "log-patterns", baseline }];
  const questions: Record<string, SignalQuery[]> = {
    metrics,
    traces,
    "log-patterns": logs,
    everything: [...logs, { kind: "log-volume", baseline, stepMs }, ...metrics, ...traces],
  };
  const source = await capture.open("capture", { folder });
  const context = { signal: new AbortController().signal, deadline: 8.64e15, bytesMax: 1e13 };
  for (const query of questions[name] ?? []) {
    const outcome = await source.run(query, window, context);
    if (outcome.kind !== "data")
      throw new Error(`${query.kind} gave no data: ${JSON.stringify(outcome)}`);
  }
}
