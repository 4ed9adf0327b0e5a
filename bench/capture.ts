/**
 * The capture source at size: `npm run bench -- capture [--lines 1000000] [--series 2000]
 * [--many-series 20000] [--spans 1000000] [--big-log-lines 9000000] [--repeat 3] [--quick]
 * [--keep FOLDER]` prints JSON. Each figure is a whole process (start, import, open, answer, exit),
 * the median of its runs; data is made into a temporary folder, about 4 GB of it. `--quick` leaves
 * out the runs at five times the sizes and the log of 2 GB.
 */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
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
  /** Of a whole investigation; 0 is done. */
  readonly exitCode?: number;
  /** What the source said is wrong with the data. */
  readonly complaints?: readonly string[];
}

const { values: options } = parseArgs({
  options: {
    lines: { type: "string", default: "1000000" },
    series: { type: "string", default: "2000" },
    "many-series": { type: "string", default: "20000" },
    spans: { type: "string", default: "1000000" },
    repeat: { type: "string", default: "3" },
    "big-log-lines": { type: "string", default: "9000000" },
    quick: { type: "boolean", default: false },
    keep: { type: "string" },
    child: { type: "string" },
    folder: { type: "string", default: "" },
  },
});

/** The program keeps its compiled code between runs (`enableCompileCache`), and so do these. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "shodo-bench-compiled") };

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
  for (const name of ["scan", "everything", "investigation"]) once(name, small);
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
    investigation: median("investigation", all),
  };
  const growth = options.quick ? null : await growthOf(root, base, runs);
  const bigLog = options.quick ? null : await bigLogOf(root, base);
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
      "a whole investigation <= 6 s": runs.investigation.seconds,
      "a whole investigation <= 900 MB": runs.investigation.rssMb,
    },
    growth,
    bigLog,
  };
}

/** Five times the input may take six times as long. */
async function growthOf(root: string, base: Sizes, runs: Record<string, Run | null>) {
  const five = await makeCapture(root, {
    ...base,
    lines: base.lines * 5,
    series: base.series * 5,
    spans: base.spans * 5,
  });
  const results: Record<string, unknown> = {};
  const names = {
    logPatterns: "log-patterns",
    metrics: "metrics",
    traces: "traces",
    everything: "everything",
  };
  for (const [name, measure] of Object.entries(names)) {
    const run = median(measure, five);
    const before = runs[name];
    if (!before) continue;
    const times = { wall: run.seconds / before.seconds, cpu: run.cpuSeconds / before.cpuSeconds };
    results[name] = {
      ...run,
      "times as long (bar 6)": Number(times.wall.toFixed(2)),
      "times the processor time": Number(times.cpu.toFixed(2)),
    };
  }
  return results;
}

/** A log of 2 GB with a line that is none and an impossible time: counted, and never fatal. */
async function bigLogOf(root: string, base: Sizes) {
  const lines = Number(options["big-log-lines"]);
  const folder = await makeCapture(root, { ...base, lines, series: 0, spans: 0 });
  const file = join(folder, "logs.jsonl");
  const marker = join(folder, "spoiled");
  if (!existsSync(marker)) {
    const late = { timestamp: "9999-99-99T00:00:00Z", service: "service-1", body: "no such day" };
    appendFileSync(file, `{"timestamp": "2026-03-01T23:5\n${JSON.stringify(late)}\n`);
    writeFileSync(marker, "");
  }
  const { complaints, ...run } = once("big-log", folder);
  return {
    bytes: statSync(file).size,
    lines: lines + 2,
    "log patterns": run,
    "said about the two lines": complaints,
    "a whole investigation": once("investigation", folder),
  };
}

function median(name: string, folder: string): Run {
  const runs = Array.from({ length: Number(options.repeat) }, () => once(name, folder));
  runs.sort((a, b) => a.seconds - b.seconds);
  return runs[Math.floor(runs.length / 2)] as Run;
}

function once(name: string, folder: string): Run {
  const args = [import.meta.filename, "--child", name, "--folder", folder];
  const { seconds, output } = timed(process.execPath, args);
  const said = JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as Omit<
    Run,
    "name" | "seconds"
  >;
  return { name, seconds, ...said };
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
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1e8, env });
  const seconds = Number(((performance.now() - startedAt) / 1000).toFixed(3));
  if (result.status !== 0) throw new Error(`${args.join(" ")} failed: ${result.stderr}`);
  return { seconds, output: result.stdout };
}

async function child(name: string, folder: string): Promise<void> {
  const complaints: string[] = [];
  process.once("exit", () => {
    const { user, system } = process.cpuUsage();
    const cpuSeconds = Number(((user + system) / 1e6).toFixed(3));
    const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
    // The program answers with 3 when its time was not enough to read anything: a figure, no fault.
    const exitCode = Number(process.exitCode ?? 0);
    if (name === "investigation") process.exitCode = 0;
    const said = complaints.length > 0 ? { exitCode, complaints } : { exitCode };
    writeSync(1, `${JSON.stringify({ cpuSeconds, rssMb, ...said })}\n`);
  });
  if (name === "scan") await scan(folder);
  else if (name === "drain") await drainFile(join(folder, "logs.jsonl"));
  else if (name === "investigation") await investigate(folder);
  else complaints.push(...(await ask(name, folder)));
  process.exit(0);
}

/** The program itself, as a user starts it; it exits by itself. */
async function investigate(folder: string): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "bench-home-"));
  process.once("exit", () => rmSync(home, { recursive: true, force: true }));
  process.env.SHODO_HOME = home;
  process.argv.splice(2, Number.POSITIVE_INFINITY, "investigate", "--capture", folder, "--json");
  await import("../src/main.ts");
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

async function ask(name: string, folder: string): Promise<readonly string[]> {
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
    "big-log": logs,
    everything: [...logs, { kind: "log-volume", baseline, stepMs }, ...metrics, ...traces],
  };
  const source = await capture.open("capture", { folder });
  const context = { signal: new AbortController().signal, deadline: 8.64e15, bytesMax: 1e13 };
  const complaints: string[] = [];
  for (const query of questions[name] ?? []) {
    const outcome = await source.run(query, window, context);
    if (outcome.kind !== "data")
      throw new Error(`${query.kind} gave no data: ${JSON.stringify(outcome)}`);
    complaints.push(...outcome.gaps.map(({ what, why }) => `${what}: ${why}`));
  }
  return complaints;
}
