import { type CommandDefinition, exitCodes, textOption } from "../command.ts";

/** `shodo doctor` */
export const doctor: CommandDefinition = {
  name: "doctor",
  summary: "say what works, what does not, and what to do about it",
  configure(command) {
    command.option("--model <name>", "also make one tiny call to this model");
  },
  async run(_args, options, { runtime, terminal }) {
    const { text, isReady } = await runtime.doctor({
      configFile: textOption(options, "config"),
      model: textOption(options, "model"),
    });
    terminal.print(text);
    return isReady ? exitCodes.done : exitCodes.unreadable;
  },
};
