import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../../core/errors.ts";
import { type CommandContext, type CommandDefinition, exitCodes, textOption } from "../command.ts";

/** `shodo init`, `shodo init slack`, `shodo init aws` */
export const init: CommandDefinition = {
  name: "init",
  summary: "write a first shodo.yaml, or print what a part needs: slack, aws",
  configure(command) {
    command
      .argument("[part]", "slack or aws; without it: shodo.yaml")
      .option("--http", "for signed HTTP instead of Socket Mode")
      .option("--url <address>", "with --http: where Slack reaches this machine, over https")
      .option("--region <name>", "with aws: region to look at")
      .option("--profile <name>", "with aws: named profile of the AWS configuration files")
      .option("--role-arn <arn>", "with aws: role to assume")
      .option("--endpoint <url>", "with aws: another address than AWS's own");
  },
  async run([part], options, { runtime, terminal }) {
    if (part === undefined)
      return writeConfig(textOption(options, "config"), { runtime, terminal });
    if (part === "aws") {
      terminal.print(
        await runtime.awsSetup({
          region: textOption(options, "region"),
          profile: textOption(options, "profile"),
          roleArn: textOption(options, "roleArn"),
          endpoint: textOption(options, "endpoint"),
        }),
      );
      return exitCodes.done;
    }
    if (part !== "slack") {
      throw new UserError(`There is no "${part}" to set up. Try: init slack, init aws`);
    }
    const url = textOption(options, "url");
    if (options.http && url === undefined) {
      throw new UserError("Say where Slack reaches this machine: --url https://…");
    }
    terminal.print(await runtime.slackSetup(options.http ? "http" : "socket", url));
    return exitCodes.done;
  },
};

/** Never overwrites: a configuration is somebody's work. */
function writeConfig(
  named: string | undefined,
  { runtime, terminal }: Pick<CommandContext, "runtime" | "terminal">,
): number {
  const file = resolve(named ?? "shodo.yaml");
  if (existsSync(file)) throw new UserError(`${file} exists already; shodo doctor checks it.`);
  writeFileSync(file, runtime.exampleConfig());
  terminal.say(`${file} is written. Fill in what applies, then run: shodo doctor`);
  return exitCodes.done;
}
