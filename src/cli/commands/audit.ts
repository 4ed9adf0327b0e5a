import { UserError } from "../../core/errors.ts";
import { type CommandDefinition, exitCodes, textOption } from "../command.ts";

/** `shodo audit verify` */
export const audit: CommandDefinition = {
  name: "audit",
  summary: "verify that the audit log is whole: shodo audit verify",
  configure(command) {
    command
      .argument("<action>", "verify")
      .option("--head <hash>", "also check that this hash, noted earlier, is part of it")
      .option("--json", "print one JSON document");
  },
  async run([action], options, { runtime, terminal }) {
    if (action !== "verify") throw new UserError("Say what to do: shodo audit verify");
    const verdict = await runtime.verifyAudit({
      configFile: textOption(options, "config"),
      head: textOption(options, "head"),
    });
    terminal.print(options.json ? JSON.stringify(verdict.json, null, 2) : verdict.text);
    return verdict.isIntact ? exitCodes.done : exitCodes.fault;
  },
};
