import { homedir } from "node:os";
import { resolve } from "node:path";
import { UserError } from "../../core/errors.ts";
import { type CommandDefinition, exitCodes, type Options, textOption } from "../command.ts";
import { mcpClients, type ServerEntry } from "../install/clients.ts";
import { applyInstallation, planInstallation } from "../install/install-client.ts";

/** `shodo install --client NAME` */
export const install: CommandDefinition = {
  name: "install",
  summary: "add Shodo to an MCP client's configuration",
  configure(command) {
    const names = mcpClients.map((client) => client.name).join(", ");
    command
      .requiredOption("--client <name>", names)
      .option("--dry-run", "show what would be written, and write nothing")
      .option("--url <url>", "use a Shodo that serves HTTP instead of starting one")
      .option("--local", "start this copy of Shodo instead of the one on npm")
      .addHelpText("after", "\nExample: shodo install --client cursor --dry-run");
  },
  async run(_args, options, { terminal }) {
    const plan = planInstallation(textOption(options, "client") ?? "", serverOf(options), {
      home: homedir(),
      project: process.cwd(),
      platform: process.platform,
    });
    if (plan.after === plan.before) {
      terminal.print(`${plan.file} has it already.`);
      return exitCodes.done;
    }
    if (options.dryRun) {
      terminal.say(`${plan.file} would become:`);
      terminal.print(plan.after);
      return exitCodes.done;
    }
    applyInstallation(plan);
    terminal.print(`${plan.client.title}: added to ${plan.file}\n${plan.client.next}`);
    return exitCodes.done;
  },
};

function serverOf(options: Options): ServerEntry {
  const url = textOption(options, "url");
  if (url !== undefined) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new UserError(`--url "${url}" is not an http or https address.`);
    }
    return { kind: "http", url };
  }
  const config = textOption(options, "config");
  const args = [...(config === undefined ? [] : ["--config", resolve(config)]), "mcp"];
  if (!options.local) return { kind: "stdio", command: "npx", args: ["-y", "shodo", ...args] };
  return {
    kind: "stdio",
    command: process.execPath,
    args: [resolve(process.argv[1] ?? ""), ...args],
  };
}
