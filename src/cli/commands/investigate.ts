import type { Analyst } from "../../core/analyst.ts";
import type { InvestigationRequest } from "../../core/investigation-request.ts";
import { type CommandDefinition, type Options, textOption } from "../command.ts";
import { investigateWithProgress } from "../investigation-progress.ts";
import { requestFrom } from "../investigation-request.ts";
import { prepareOutputs } from "../output-files.ts";
import { resumeRequest } from "../resume-request.ts";
import { saveTranscript } from "../save-transcript.ts";
import type { Terminal } from "../terminal.ts";

/** `shodo investigate ["question"]` */
export const investigate: CommandDefinition = {
  name: "investigate",
  summary: "find what broke first and why, and say how urgent it is",
  configure(command) {
    command
      .argument("[question]", "what is wrong, in your words")
      .option("--capture <dir>", "read a recorded incident instead of the configured sources")
      .option("--service <name>", "service that the alarm or question is about")
      .option("--since <time>", "start of the window: ISO 8601, or an age such as 90m, 2h, 1d")
      .option("--until <time>", "end of the window: ISO 8601 or an age (default: now)")
      .option("--model <name>", "builtin, openai:<model>, …")
      .option("--language <code>", "en or ja")
      .option("--resume [incident]", "go on with a run that was cut off; the newest, or by its id")
      .option("--json", "print the report as one JSON document on stdout")
      .option("--out <dir>", "also write report.md, report.json and the charts there")
      .option("--save-transcript <file>", "keep the run, to be played again with shodo replay");
  },
  async run(args, options, { runtime, terminal, signal }) {
    const isResuming = options.resume !== undefined;
    const fresh = isResuming ? null : requestFrom(args[0], options, runtime.clock.now());
    await prepareOutputs(options);
    const { deliverReport } = await import("../deliver-report.ts");
    const opened = await runtime.openAnalyst({
      configFile: textOption(options, "config"),
      model: textOption(options, "model"),
    });
    try {
      const request = fresh ?? (await goOn(opened.analyst, args[0], options, terminal));
      const report = await investigateWithProgress(opened.analyst, request, terminal, signal);
      await saveTranscript(opened.analyst, report.id, options, terminal);
      return await deliverReport(report, options, terminal);
    } finally {
      await opened.close();
    }
  },
};

/** Says what it goes on with: whoever mistyped the incident sees it at once. */
async function goOn(
  analyst: Analyst,
  question: string | undefined,
  options: Options,
  terminal: Terminal,
): Promise<InvestigationRequest> {
  const { request, steps } = await resumeRequest(analyst, question, options);
  terminal.say(`going on with ${request.incident}: ${steps} steps are recorded`);
  return request;
}
