import type { Command } from "commander";
import { UserError } from "../core/errors.ts";
import { type Language, languages } from "../core/language.ts";
import type { Runtime } from "./runtime.ts";
import type { Terminal } from "./terminal.ts";

/** What a command is given besides its arguments. */
export interface CommandContext {
  readonly runtime: Runtime;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Exit codes of DESIGN section 9: done (an inconclusive report is done), fault of ours, wrong usage
 * or configuration, no source could be read.
 */
export const exitCodes = { done: 0, fault: 1, usage: 2, unreadable: 3 } as const;

/**
 * One command of `shodo`, one file. Files here load nothing heavy: what a command needs beyond core
 * it asks of the runtime.
 */
export interface CommandDefinition {
  readonly name: string;
  readonly summary: string;
  /** Declares arguments, options and examples. */
  configure(command: Command): void;
  /** Returns the exit code. `args` are positional; `options` are as `configure` declared them. */
  run(args: readonly string[], options: Options, context: CommandContext): Promise<number>;
}

export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A text option, or undefined. */
export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/** A whole number from `least` to `most`, or undefined; throws with what is allowed. */
export function numberOption(
  options: Options,
  name: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() && Number.isInteger(number) && number >= least && number <= most) return number;
  throw new UserError(`--${name} "${text}" is not a whole number from ${least} to ${most}.`);
}

/** `--language`, or undefined; throws with what is allowed. */
export function languageOption(options: Options): Language | undefined {
  const text = textOption(options, "language");
  const language = languages.find((each) => each === text);
  if (text === undefined || language) return language;
  throw new UserError(`--language "${text}" is not known. Use ${languages.join(" or ")}.`);
}

/** `--port`, or undefined. */
export function portOption(options: Options): number | undefined {
  return numberOption(options, "port", [0, 65_535]);
}
