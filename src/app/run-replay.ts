import { join } from "node:path";
import { loadConfig } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import type { Report } from "../core/report.ts";
import type { Step } from "../core/step.ts";
import { loadRunbooks } from "../platform/runbooks.ts";
import { readTranscript, replay } from "./analyst/transcripts.ts";
import { packageRoot } from "./package-root.ts";

/** Plays the transcript of a file; gives its steps and the report it ends in. */
export async function runReplay(
  file: string,
  options: { readonly configFile: string | undefined; readonly clock: Clock },
): Promise<{ report: Report; steps: readonly Step[] }> {
  const config = loadConfig({ file: options.configFile });
  const transcript = await readTranscript(file);
  const runbooks = await loadRunbooks([join(packageRoot, "runbooks")]);
  const report = await replay(transcript, { config, clock: options.clock, runbooks });
  return { report, steps: transcript.steps };
}
