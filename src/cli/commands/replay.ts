import { type CommandDefinition, textOption } from "../command.ts";
import { prepareOutputs } from "../output-files.ts";
import { stepLine } from "../step-line.ts";

/** `shodo replay FILE` */
export const replay: CommandDefinition = {
  name: "replay",
  summary: "play a saved run again, without its telemetry and its model",
  configure(command) {
    command
      .argument("<file>", "transcript that --save-transcript wrote")
      .option("--steps", "also show every step on stderr")
      .option("--json", "print the report as one JSON document on stdout")
      .option("--out <dir>", "also write report.md, report.json and the charts there");
  },
  async run([file = ""], options, { runtime, terminal }) {
    await prepareOutputs(options);
    const { deliverReport } = await import("../deliver-report.ts");
    const configFile = textOption(options, "config");
    const { report, steps } = await runtime.replay(file, configFile);
    if (options.steps) {
      for (const step of steps) {
        const line = stepLine(step);
        if (line) terminal.say(line);
      }
    }
    return deliverReport(report, options, terminal);
  },
};
