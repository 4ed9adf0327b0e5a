import { existsSync } from "node:fs";
import type { OpenOptions } from "../cli/runtime.ts";
import type { Config } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import type { Probe, Source } from "../core/source.ts";
import { openModels, unpricedModels } from "./analyst/drivers.ts";
import { demoIncidents } from "./demo-incidents.ts";
import { missingRights } from "./missing-rights.ts";
import { openAnalyst } from "./open-analyst.ts";
import type { Platform } from "./platform.ts";
import { intakeLines } from "./serve/intake-lines.ts";
import { slackLines } from "./serve/open-slack.ts";

const probeTimeoutMs = 10_000;
const modelTimeoutMs = 30_000;
const probeBytesMax = 100_000_000;

/** Looks at everything an investigation will need, and says what to do about what is missing. */
export async function runDoctor(
  options: OpenOptions,
  { clock, ids }: Platform,
): Promise<{ text: string; isReady: boolean }> {
  const opened = await openAnalyst({ ...options, clock, ids });
  try {
    const { config, sources, analyst } = opened;
    const probes = await Promise.all(sources.map((source) => probe(source, clock)));
    const [slack, model] = await Promise.all([slackLines(config), modelLines(config, clock)]);
    const lines = [
      `node ${process.version}`,
      config.file ? `configuration: ${config.file}` : "configuration: none (shodo init makes one)",
      `state: ${config.home}${existsSync(config.home) ? "" : " (will be made)"}`,
      ...model.lines,
      `tools: ${analyst.tools.length}, runbooks: ${analyst.runbooks.length}`,
      `recorded demo incidents: ${demoIncidents().length}`,
      sources.length === 0
        ? "sources: none; investigations need --capture DIR, or `sources` in shodo.yaml"
        : `sources: ${sources.length}`,
      ...sources.flatMap((source, i) => sourceLines(source, probes[i])),
      ...missingRights(
        sources.map(({ name }, i) => ({
          kind: config.sources.find((each) => (each.name ?? each.kind) === name)?.kind,
          probe: probes[i],
        })),
      ),
      ...slack.lines,
      ...(await intakeLines(opened.config, opened.store)),
    ];
    const isReady =
      slack.isReady && model.isReady && probes.every((result) => result.state !== "unreachable");
    return { text: lines.join("\n"), isReady };
  } finally {
    await opened.close();
  }
}

/** One tiny real call to each model that may be asked; the built-in analyst needs none. */
async function modelLines(
  config: Config,
  clock: Clock,
): Promise<{ readonly lines: readonly string[]; readonly isReady: boolean }> {
  const { name } = config.model;
  if (name === "builtin") {
    return { lines: ["model: builtin (no model, no key, no network)"], isReady: true };
  }
  const { checkModel } = await import("../agent/model/check-model.ts");
  const { models, verifier } = await openModels(name, config);
  const all = new Map(
    [...models, ...(verifier ? [verifier] : [])].map((each) => [each.name, each]),
  );
  const signal = AbortSignal.timeout(modelTimeoutMs);
  const checks = await Promise.all(
    [...all.values()].map((each) => checkModel(each, clock, signal)),
  );
  const unpriced = unpricedModels(config);
  const lines = [
    ...checks.map(({ line }) => `model: ${line}`),
    ...(unpriced ? [`  ${unpriced}`] : []),
  ];
  return { lines, isReady: checks.every(({ isReady }) => isReady) };
}

function probe(source: Source, clock: Clock): Promise<Probe> {
  const signal = AbortSignal.timeout(probeTimeoutMs);
  const deadline = clock.now() + probeTimeoutMs;
  return source.probe({ signal, deadline, bytesMax: probeBytesMax });
}

function sourceLines(source: Source, result: Probe | undefined): string[] {
  const state = result?.state ?? "unreachable";
  const mark = state === "ready" ? "ok" : state;
  return [`  ${source.name}: ${mark}`, ...(result?.lines ?? []).map((line) => `    ${line}`)];
}
