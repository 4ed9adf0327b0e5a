import { UserError } from "../../core/errors.ts";
import { type CommandDefinition, exitCodes, numberOption, textOption } from "../command.ts";

/** `shodo eval SUITE` */
export const evaluate: CommandDefinition = {
  name: "eval",
  summary: "score the analyst on a folder of captures with known truth",
  configure(command) {
    command
      .argument(
        "<suite>",
        "folder of captures, each with incident.json and truth.json, or one capture",
      )
      .option("--model <name>", "builtin, openai:<model>, …")
      .option("--repeat <n>", "run each case this often and report agreement", "1")
      .option("--only <half>", "all, odd or even cases by folder order", "all")
      .option("--alarm-at-victim", "move each alarm to a victim; the first failing must not move")
      .option("--json", "print one JSON document on stdout");
  },
  async run(args, options, { runtime, terminal, signal }) {
    const repeat = numberOption(options, "repeat", [1, 100]) ?? 1;
    const only = textOption(options, "only");
    if (only !== "all" && only !== "odd" && only !== "even") {
      throw new UserError(`--only "${String(only)}" is not known. Use all, odd or even.`);
    }
    const result = await runtime.evaluate({
      suite: args[0] ?? "",
      model: textOption(options, "model"),
      configFile: textOption(options, "config"),
      repeat,
      only,
      alarmAtVictim: options.alarmAtVictim === true,
      progress: terminal.progress,
      signal,
    });
    terminal.clearProgress();
    terminal.print(options.json ? JSON.stringify(result.json, null, 2) : result.text);
    return exitCodes.done;
  },
};
