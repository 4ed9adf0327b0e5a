import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startOtlpReceiver } from "../../../src/sources/otlp-receiver.ts";
import { ShopSystem, shopServices } from "../control/system.ts";
import type { ChangeRecord, Fault } from "../faults/fault.ts";
import { editsAtStart, pastChanges } from "./change-log.ts";
import { fire, firstLog } from "./fire.ts";
import { truthOf } from "./judge.ts";
import { kpis, slos, topology } from "./objectives.ts";
import { openRaw, writeTables } from "./tables.ts";

export interface RecordOptions {
  /** Folder to write; must not exist. */
  out: string;
  port: number;
  /** Pools fill and code gets compiled before the recording begins. Default 60. */
  warmUpSeconds?: number;
  databaseUrl?: string | undefined;
  say: (text: string) => void;
  signal: AbortSignal;
}

/**
 * Runs the shop, lets the fault happen, and writes what its telemetry showed as a capture. The
 * folder appears only when it is whole. Throws when the alarm does not fire, because then the
 * recording does not show its fault.
 */
export async function record(fault: Fault, options: RecordOptions): Promise<void> {
  const out = resolve(options.out);
  if (existsSync(out)) throw new Error(`${options.out} exists already; remove it or use --out`);
  const work = await mkdtemp(join(tmpdir(), "shodo-record-"));
  const partial = `${out}.partial`;
  try {
    const run = await runFault(fault, join(work, "raw"), options);
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await writeCapture(fault, run, partial, options.say);
    await rename(partial, out);
    options.say(`written to ${options.out}`);
  } finally {
    await rm(partial, { recursive: true, force: true });
    await rm(work, { recursive: true, force: true });
  }
}

interface Run {
  rawDir: string;
  fromMs: number;
  toMs: number;
  onsetMs: number | null;
  changes: ChangeRecord[];
  guilty: string[];
  decoys: string[];
}

async function runFault(fault: Fault, rawDir: string, options: RecordOptions): Promise<Run> {
  const { say, signal } = options;
  const receiver = await startOtlpReceiver({ dir: rawDir, port: 0 });
  try {
    const system = await ShopSystem.start({
      otlp: receiver.url,
      port: options.port,
      databaseUrl: options.databaseUrl,
      edits: await editsAtStart(fault),
      onNotice: say,
    });
    try {
      say(`${fault.name}: the shop runs at ${system.storefrontUrl}, warming up`);
      await pause((options.warmUpSeconds ?? 60) * 1000, undefined, { signal });
      const run = await playSteps(fault, system, rawDir, options);
      await system.stop();
      await receiver.finish();
      return run;
    } finally {
      await system.stop();
    }
  } catch (error) {
    await receiver.abandon().catch(() => undefined);
    throw error;
  }
}

async function playSteps(
  fault: Fault,
  system: ShopSystem,
  rawDir: string,
  { say, signal }: RecordOptions,
): Promise<Run> {
  const fromMs = Math.ceil(Date.now() / 10_000) * 10_000;
  const toMs = fromMs + fault.seconds.total * 1000;
  const changes = await pastChanges(fault, fromMs);
  const run: Run = { rawDir, fromMs, toMs, onsetMs: null, changes, guilty: [], decoys: [] };
  for (const step of [...fault.steps].sort((a, b) => a.at - b.at)) {
    await pause(Math.max(0, fromMs + step.at * 1000 - Date.now()), undefined, { signal });
    const atMs = Date.now();
    const change = await step.run(system);
    if (step.onset) run.onsetMs = atMs;
    say(`${fault.name} +${step.at} s: ${change?.title ?? "an event that no change log shows"}`);
    if (!change) continue;
    run.changes.push({ timestamp: new Date(atMs).toISOString(), ...change });
    if (step.role === "guilty") run.guilty.push(change.ref);
    if (step.role === "decoy") run.decoys.push(change.ref);
  }
  await pause(Math.max(0, toMs - Date.now()), undefined, { signal });
  return run;
}

async function writeCapture(fault: Fault, run: Run, dir: string, say: (text: string) => void) {
  const raw = await openRaw(run.rawDir);
  try {
    const { fromMs, toMs } = run;
    const baselineToMs = fromMs + fault.seconds.baseline * 1000;
    const onsetMs = fault.onsetLog ? await firstLog(raw, fault.onsetLog) : run.onsetMs;
    const fired = await fire(raw, fault.alarm, { fromMs: baselineToMs, toMs });
    const early = await fire(raw, fault.alarm, { fromMs, toMs: baselineToMs });
    if (!fired) throw new Error(`${fault.name}: the alarm did not fire; the fault is not visible`);
    if (fault.truth.kind === "fault" && (early || (onsetMs ?? 0) > fired.firedAtMs)) {
      throw new Error(`${fault.name}: the alarm fired before the fault began`);
    }
    const denied = fault.denied ?? [];
    await writeTables(raw, dir, { fromMs, toMs, denied: denied.map(({ signal }) => signal) });
    const json = (name: string, value: unknown) =>
      writeFile(join(dir, name), `${JSON.stringify(value, null, 2)}\n`);
    await json("topology.json", topology);
    const lines = run.changes.map((change) => JSON.stringify(change));
    await writeFile(join(dir, "changes.jsonl"), `${lines.join("\n")}\n`);
    await json("incident.json", incident(fault, run, { ...fired, baselineToMs }));
    await json("truth.json", truthOf(fault, { ...run, onset: iso(onsetMs) }));
    say(`${fault.name}: onset ${iso(onsetMs)}, alarm ${iso(fired.firedAtMs)} at ${fired.observed}`);
  } finally {
    raw.closeSync();
  }
}

function incident(
  { id, title, alarm, denied }: Fault,
  { fromMs, toMs }: Run,
  fired: { firedAtMs: number; observed: number; baselineToMs: number },
) {
  const observed = Number(fired.observed.toPrecision(6));
  return {
    id,
    title,
    trigger: {
      kind: alarm.kind,
      service: alarm.service,
      name: alarm.name,
      metric: alarm.metric,
      threshold: alarm.threshold,
      observed,
      firedAt: iso(fired.firedAtMs),
      severity: alarm.severity,
      summary: alarm.summary(observed),
    },
    window: { from: iso(fired.baselineToMs), to: iso(toMs) },
    baseline: { from: iso(fromMs), to: iso(fired.baselineToMs) },
    services: [...shopServices, "postgres"].sort(),
    kpis,
    slos,
    ...(denied ? { denied } : {}),
  };
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
