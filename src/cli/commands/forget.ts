import { UserError } from "../../core/errors.ts";
import { type CommandDefinition, exitCodes, textOption } from "../command.ts";

/** `shodo forget` */
export const forget: CommandDefinition = {
  name: "forget",
  summary: "delete what is kept about an incident or a person",
  configure(command) {
    command
      .argument("<what>", "incident or person")
      .argument("<id>", "the incident's id, or the person's id as the audit log has it")
      .option("--yes", "really do it");
  },
  async run([what, id], options, { runtime, terminal }) {
    if ((what !== "incident" && what !== "person") || !id) {
      throw new UserError("Say what to forget: shodo forget incident <id>, or person <id>");
    }
    if (!options.yes) {
      throw new UserError(`This deletes ${what} ${id} for good. Add --yes to do it.`);
    }
    const lines = await runtime.forget({ configFile: textOption(options, "config"), what, id });
    terminal.print(lines.join("\n"));
    return exitCodes.done;
  },
};
