import { UserError } from "../../core/errors.ts";
import { type CommandDefinition, exitCodes, textOption } from "../command.ts";

/** `shodo init slack` */
export const init: CommandDefinition = {
  name: "init",
  summary: "print what is needed to set a part up: slack",
  configure(command) {
    command
      .argument("<part>", "slack")
      .option("--http", "for signed HTTP instead of Socket Mode")
      .option("--url <address>", "with --http: where Slack reaches this machine, over https");
  },
  async run([part = ""], options, { runtime, terminal }) {
    if (part !== "slack") throw new UserError(`There is no "${part}" to set up. Try: init slack`);
    const url = textOption(options, "url");
    if (options.http && url === undefined) {
      throw new UserError("Say where Slack reaches this machine: --url https://…");
    }
    terminal.print(await runtime.slackSetup(options.http ? "http" : "socket", url));
    return exitCodes.done;
  },
};
