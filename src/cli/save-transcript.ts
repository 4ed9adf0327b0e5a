import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Analyst } from "../core/analyst.ts";
import { UserError } from "../core/errors.ts";
import type { Transcript } from "../core/transcript.ts";
import { type Options, textOption } from "./command.ts";
import { cannotWrite } from "./output-files.ts";
import type { Terminal } from "./terminal.ts";

/** Writes the run of an incident to `--save-transcript`, when it was asked for. */
export async function saveTranscript(
  analyst: Analyst,
  incident: string,
  options: Options,
  terminal: Terminal,
): Promise<void> {
  const file = textOption(options, "saveTranscript");
  if (file === undefined) return;
  const steps = [...(await analyst.steps(incident, 0))];
  const transcript: Transcript = { version: 1, incident, steps };
  await writeFile(resolve(file), `${JSON.stringify(transcript)}\n`).catch((cause: unknown) => {
    throw new UserError(cannotWrite("--save-transcript", file, cause), { cause });
  });
  terminal.say(`the run is kept in ${resolve(file)}; shodo replay plays it again`);
}
