import { UserError } from "../../core/errors.ts";
import { type CommandDefinition, exitCodes, textOption } from "../command.ts";
import { investigateWithProgress } from "../investigation-progress.ts";
import { requestFrom } from "../investigation-request.ts";
import { prepareOutputs } from "../output-files.ts";
import { saveTranscript } from "../save-transcript.ts";

/** `shodo demo [incident]` */
export const demo: CommandDefinition = {
  name: "demo",
  summary: "investigate a recorded incident of a real small shop",
  configure(command) {
    command
      .argument("[incident]", "name or number of a recording; --list shows them")
      .option("--list", "list the recordings")
      .option("--model <name>", "builtin, openai:<model>, …")
      .option("--language <code>", "en or ja")
      .option("--json", "print the report as one JSON document on stdout")
      .option("--out <dir>", "also write report.md, report.json and the charts there")
      .option("--save-transcript <file>", "keep the run, to be played again with shodo replay");
  },
  async run(args, options, { runtime, terminal, signal }) {
    const incidents = runtime.demoIncidents();
    if (options.list) {
      for (const each of incidents) terminal.print(`${each.name}  ${each.title}`);
      return exitCodes.done;
    }
    const wanted = args[0];
    const chosen = wanted
      ? incidents.find((each) => each.name === wanted || Number(each.name.slice(0, 2)) === +wanted)
      : incidents[0];
    if (!chosen) {
      const why = wanted ? `There is no recording "${wanted}".` : "There are no recordings.";
      throw new UserError(`${why} shodo demo --list shows what there is.`);
    }
    terminal.say(`investigating ${chosen.name}: ${chosen.title}`);
    await prepareOutputs(options);
    const { deliverReport } = await import("../deliver-report.ts");
    const opened = await runtime.openAnalyst({
      configFile: textOption(options, "config"),
      model: textOption(options, "model"),
    });
    try {
      const asked = { ...options, capture: chosen.folder };
      const request = requestFrom(undefined, asked, runtime.clock.now());
      const report = await investigateWithProgress(opened.analyst, request, terminal, signal);
      await saveTranscript(opened.analyst, report.id, options, terminal);
      return await deliverReport(report, options, terminal);
    } finally {
      await opened.close();
    }
  },
};
