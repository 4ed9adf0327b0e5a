import { Command, CommanderError } from "commander";
import { type CommandDefinition, exitCodes, type Options } from "./command.ts";
import { commands } from "./commands/index.ts";
import { faultDocument } from "./report-fault.ts";
import type { Runtime } from "./runtime.ts";
import type { Terminal } from "./terminal.ts";

const epilogue = `
Exit codes: 0 done (an inconclusive report is done), 1 fault of ours, 2 wrong usage or
configuration, 3 no source could be read. With --json stdout holds one document, on failure
{ "error": { "exitCode", "message" } }.`;

/** Runs the command that `argv` names and returns its exit code. Expected faults are thrown. */
export async function runProgram(
  argv: readonly string[],
  options: { runtime: Runtime; terminal: Terminal; signal: AbortSignal },
): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = new Command("shodo")
    .description("Incident analyst for people on call.")
    .version(options.runtime.version)
    .option("--config <file>", "configuration file (default: shodo.yaml when present)")
    .addHelpText("after", epilogue)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => options.terminal.print(text),
      writeErr: (text) => options.terminal.say(text.trimEnd()),
    })
    .showHelpAfterError("Try: shodo --help");
  for (const definition of commands) {
    add(program, definition, async (args, values) => {
      exitCode = await definition.run(args, { ...program.opts<Options>(), ...values }, options);
    });
  }
  try {
    await program.parseAsync(argv.length === 0 ? ["--help"] : argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.done;
    const isJson = argv.includes("--json");
    if (isJson) options.terminal.print(faultDocument(exitCodes.usage, plain(error)));
    return exitCodes.usage;
  }
}

function add(
  program: Command,
  definition: CommandDefinition,
  run: (args: readonly string[], options: Options) => Promise<void>,
): void {
  const command = program
    .command(definition.name)
    .description(definition.summary)
    .showHelpAfterError(`Try: shodo ${definition.name} --help`);
  definition.configure(command);
  command.exitOverride().action(async (...received: unknown[]) => {
    const positional = received
      .slice(0, -2)
      .flat()
      .filter((arg) => typeof arg === "string");
    await run(positional, command.opts<Options>());
  });
}

/** The message without the word `error:`, which a document says already. */
function plain(error: CommanderError): string {
  return error.message.replace(/^error: /, "");
}
