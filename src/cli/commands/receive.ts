import {
  type CommandDefinition,
  exitCodes,
  numberOption,
  portOption,
  textOption,
} from "../command.ts";

/** `shodo receive --out DIR` */
export const receive: CommandDefinition = {
  name: "receive",
  summary: "record OpenTelemetry (OTLP/HTTP) into a folder that can be investigated",
  configure(command) {
    command
      .requiredOption("--out <dir>", "folder to make; it appears when the recording ends")
      .option("--port <number>", "port to listen at (default: 4318, that of OTLP/HTTP)")
      .option("--host <address>", "address to listen at (default: 127.0.0.1)")
      .option("--window <minutes>", "minutes at the end that are the incident (default: a quarter)")
      .option("--title <text>", "what the recording is about")
      .addHelpText(
        "after",
        `
Point an OpenTelemetry SDK or Collector at it, JSON or protobuf, and end it with Ctrl-C.
Rows reach the disk every 5 seconds; a crash costs those since, and running the same command
again goes on with what was written. Everything before the window is the baseline.

Example:
  shodo receive --out today
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 node --import ./instrument.js server.js
  shodo investigate --capture today`,
      );
  },
  async run(_args, options, { runtime, terminal, signal }) {
    const lines = await runtime.receive({
      out: textOption(options, "out") ?? "",
      host: textOption(options, "host"),
      port: portOption(options),
      windowMinutes: numberOption(options, "window", [1, 10_080]),
      title: textOption(options, "title"),
      say: terminal.say,
      progress: terminal.progress,
      signal,
    });
    terminal.print(lines.join("\n"));
    return exitCodes.done;
  },
};
