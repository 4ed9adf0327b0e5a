import { UserError } from "../../core/errors.ts";
import { type CommandDefinition, exitCodes, textOption } from "../command.ts";

/** `shodo serve` */
export const serve: CommandDefinition = {
  name: "serve",
  summary: "take alarms in, investigate, show reports; until it is stopped",
  configure(command) {
    command
      .option("--host <address>", "address to listen at (default: serve.host, 127.0.0.1)")
      .option("--port <number>", "port to listen at (default: serve.port, 7331)")
      .option("--capture <folder>", "read this recording instead of the sources, for practice");
  },
  async run(_args, options, { runtime, terminal, signal }) {
    await runtime.serve({
      configFile: textOption(options, "config"),
      host: textOption(options, "host"),
      port: portOf(textOption(options, "port")),
      capture: textOption(options, "capture"),
      say: terminal.say,
      signal,
    });
    return exitCodes.done;
  },
};

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UserError(`--port "${text}" is not a number from 0 to 65535.`);
}
