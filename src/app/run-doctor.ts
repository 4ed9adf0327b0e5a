import { existsSync } from "node:fs";
import type { ModelCheck } from "../agent/model/check-model.ts";
import type { OpenOptions } from "../cli/runtime.ts";
import type { Config } from "../config.ts";
import type { Clock, Ids } from "../core/clock.ts";
import type { Probe, Source } from "../core/source.ts";
import { demoIncidents } from "./demo-incidents.ts";
import { openModels } from "./drivers.ts";
import { intakeLines } from "./intake-lines.ts";
import { openAnalyst } from "./open-analyst.ts";
import { slackLines } from "./open-slack.ts";

const probeTimeoutMs = 10_000;
const modelTimeoutMs = 30_000;
const probeBytesMax = 100_000_000;

/** Looks at everything an investigation will need, and says what to do about what is missing. */
export async function runDoctor(
  options: OpenOptions,
  { clock, ids }: { clock: Clock; ids: Ids },
): Promise<{ text: string; isReady: boolean }> {
  const opened = await openAnalyst({ ...options, clock, ids });
  try {
    const { config, sources, analyst } = opened;
    const probes = await Promise.all(sources.map((source) => probe(source, clock)));
    const [slack, model] = await Promise.all([slackLines(config), modelLine(config, clock)]);
    const lines = [
      `node ${process.version}`,
      config.file ? `configuration: ${config.file}` : "configuration: none (shodo init makes one)",
      `state: ${config.home}${existsSync(config.home) ? "" : " (will be made)"}`,
      `model: ${model.line}`,
      `tools: ${analyst.tools.length}, runbooks: ${analyst.runbooks.length}`,
      `recorded demo incidents: ${demoIncidents().length}`,
      sources.length === 0
        ? "sources: none; investigations need --capture DIR, or `sources` in shodo.yaml"
        : `sources: ${sources.length}`,
      ...sources.flatMap((source, i) => sourceLines(source, probes[i])),
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

/** One tiny real call; the built-in analyst needs none. */
async function modelLine(config: Config, clock: Clock): Promise<ModelCheck> {
  const { name } = config.model;
  if (name === "builtin") return { isReady: true, line: "builtin (no model, no key, no network)" };
  const { checkModel } = await import("../agent/model/check-model.ts");
  const { models } = await openModels(name, config);
  return checkModel(models[0], clock, AbortSignal.timeout(modelTimeoutMs));
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
