import { BusyError, ConfigError, UserError } from "../core/errors.ts";
import { exitCodes } from "./command.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Says on stderr why a command did not end well, and returns its exit code: 2 for what the person
 * can set right, 1 with a trace for a fault of ours. A reader of `--json` gets one document all the
 * same.
 */
export function reportFault(
  error: unknown,
  terminal: Terminal,
  { isJson }: { readonly isJson: boolean },
): number {
  const message = error instanceof Error ? error.message : String(error);
  const exitCode = isForPerson(error) ? exitCodes.usage : exitCodes.fault;
  if (exitCode === exitCodes.usage) terminal.say(message);
  else {
    terminal.say("Shodo broke. This is a fault of ours; please report it with this trace:");
    terminal.say(error instanceof Error ? (error.stack ?? message) : message);
  }
  if (isJson) terminal.print(faultDocument(exitCode, message));
  return exitCode;
}

/** What `--json` prints in place of a result. */
export function faultDocument(exitCode: number, message: string): string {
  return JSON.stringify({ error: { exitCode, message } }, null, 2);
}

function isForPerson(error: unknown): boolean {
  return error instanceof UserError || error instanceof ConfigError || error instanceof BusyError;
}
