import { type CommandDefinition, exitCodes, portOption, textOption } from "../command.ts";

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
      port: portOption(options),
      capture: textOption(options, "capture"),
      say: terminal.say,
      signal,
    });
    return exitCodes.done;
  },
};
