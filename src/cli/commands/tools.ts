import { type CommandDefinition, exitCodes } from "../command.ts";

/** `shodo tools` */
export const tools: CommandDefinition = {
  name: "tools",
  summary: "list the tools with what each costs in tokens",
  configure() {},
  async run(_args, _options, { runtime, terminal }) {
    terminal.print(await runtime.toolTable());
    return exitCodes.done;
  },
};
