import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { tools } from "../../../tools/index.ts";
import { builtinDriver } from "../../agent/builtin-policy.ts";
import type { Driver } from "../../agent/session.ts";
import type { Config } from "../../config.ts";
import type { Clock } from "../../core/clock.ts";
import { UserError } from "../../core/errors.ts";
import type { Report } from "../../core/report.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { Telemetry } from "../../core/source.ts";
import type { Step } from "../../core/step.ts";
import { type Transcript, transcriptSchema } from "../../core/transcript.ts";
import { briefOf, investigate } from "../../investigate.ts";
import { loadPrompts } from "../../platform/prompts.ts";
import { prioritySettingsSchema } from "../../priority/settings.ts";
import { packageRoot } from "../package-root.ts";

/** Reads a transcript; throws `UserError` that says what is wrong with the file. */
export async function readTranscript(file: string): Promise<Transcript> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UserError(`The transcript "${file}" cannot be read.`, { cause });
  });
  try {
    return transcriptSchema.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : "it is not JSON";
    throw new UserError(`The transcript "${file}" is not one: ${why}`, { cause });
  }
}

/** Plays a transcript through the real loop: no telemetry is read and no model is asked. */
export async function replay(
  transcript: Transcript,
  parts: { config: Config; clock: Clock; runbooks: readonly Runbook[] },
): Promise<Report> {
  const brief = briefOf(transcript.steps);
  const [first] = transcript.steps;
  if (!brief || first?.kind !== "started") {
    throw new UserError(
      "The transcript does not say what it was about: its first step is missing.",
    );
  }
  const { incident } = transcript;
  const recorded = transcript.steps.filter((step) => step.kind !== "final");
  return investigate({
    ...brief,
    incident,
    question: first.question,
    tools,
    recorded,
    runbooks: parts.runbooks,
    telemetry: nothing,
    priority: prioritySettingsSchema.parse(parts.config.priority),
    override: null,
    similar: [],
    limits: parts.config.budget,
    driver: await driverOf(transcript, parts.runbooks),
    clock: parts.clock,
    sink: async (_step: Step) => {},
    signal: new AbortController().signal,
  });
}

async function driverOf({ steps }: Transcript, runbooks: readonly Runbook[]): Promise<Driver> {
  const asked = steps.find((step) => step.kind === "model-message");
  if (asked?.kind !== "model-message") return builtinDriver;
  const [{ reactDriver }, { SilentModel }, prompts] = await Promise.all([
    import("../../agent/model/react-driver.ts"),
    import("../../agent/model/silent-model.ts"),
    loadPrompts(join(packageRoot, "prompts")),
  ]);
  return reactDriver({
    models: [{ name: asked.model, chat: new SilentModel() }],
    verifier: null,
    prompts,
    runbooks,
    prices: {},
    retry: { maxRetries: 0, initialDelayMs: 0 },
  });
}

const nothing: Telemetry = {
  sources: [],
  read: () => Promise.reject(new UserError("A replay reads no telemetry.")),
  native: () => Promise.reject(new UserError("A replay reads no telemetry.")),
  gaps: () => [],
  bytesScanned: () => 0,
};
