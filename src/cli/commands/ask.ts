import { UserError } from "../../core/errors.ts";
import { localPrincipal } from "../../core/principal.ts";
import { type CommandDefinition, exitCodes, languageOption, textOption } from "../command.ts";
import { draftProgress } from "../draft-progress.ts";
import { wantedIncident } from "../wanted-incident.ts";

/** `shodo ask <incident> "question"` */
export const ask: CommandDefinition = {
  name: "ask",
  summary: "ask about an incident that was investigated",
  configure(command) {
    command
      .argument("<incident>", "id of the incident, or last for the newest report")
      .argument("<question>", "what you want to know, in your words")
      .option("--model <name>", "builtin, openai:<model>, …")
      .option("--language <code>", "en or ja")
      .option("--json", "print one JSON document on stdout");
  },
  async run([wanted = "", question = ""], options, { runtime, terminal, signal }) {
    if (question.trim() === "") throw new UserError("The question is empty. Say what to answer.");
    const model = textOption(options, "model");
    const language = languageOption(options) ?? null;
    const opened = await runtime.openAnalyst({ configFile: textOption(options, "config"), model });
    try {
      const { analyst } = opened;
      const answer = await analyst.ask(await wantedIncident(analyst, wanted), question, {
        principal: localPrincipal,
        model: model ?? null,
        language,
        signal,
        onDraft: draftProgress(terminal),
      });
      terminal.clearProgress();
      if ("kind" in answer) throw new UserError(answer.message);
      // An answer by another than the model that was asked for is not passed off as its own.
      if (answer.model.includes("(after ")) terminal.say(`answered by ${answer.model}`);
      terminal.print(options.json ? JSON.stringify(answer, null, 2) : answer.text);
      if (!options.json && answer.open.length > 0) {
        terminal.print(`not known: ${answer.open.join("; ")}`);
      }
      return exitCodes.done;
    } finally {
      await opened.close();
    }
  },
};
