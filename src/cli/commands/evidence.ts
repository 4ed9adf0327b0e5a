import { UserError } from "../../core/errors.ts";
import { type CommandDefinition, exitCodes, numberOption, textOption } from "../command.ts";
import type { RerunEvidence, RerunQuery } from "../runtime.ts";
import { wantedIncident } from "../wanted-incident.ts";

/** `shodo evidence <incident> <id>` */
export const evidence: CommandDefinition = {
  name: "evidence",
  summary: "run the queries behind a finding of a report again, and show what they answer",
  configure(command) {
    command
      .argument("<incident>", "id of the incident, or last for the newest report")
      .argument("<id>", "of the finding, as the report cites it: E7")
      .option("--rows <number>", "rows that are shown of each query", "20")
      .option("--json", "print one JSON document on stdout");
  },
  async run([wanted = "", id = ""], options, { runtime, terminal, signal }) {
    const rowsMax = numberOption(options, "rows", [1, 10_000]) ?? 20;
    const configFile = textOption(options, "config");
    const opened = await runtime.openAnalyst({ configFile, model: undefined });
    try {
      const incident = await wantedIncident(opened.analyst, wanted);
      const rerun = await opened.rerun({ incident, evidence: id, rowsMax, signal });
      terminal.print(options.json ? JSON.stringify(rerun, null, 2) : textOf(rerun));
      const isRead = rerun.queries.some((query) => query.answer.kind !== "failed");
      return isRead ? exitCodes.done : exitCodes.unreadable;
    } finally {
      await opened.close();
    }
  },
};

function textOf({ id, statement, queries }: RerunEvidence): string {
  if (queries.length === 0)
    throw new UserError(`${id} was computed from other findings, not read.`);
  return [`${id}  ${statement}`, ...queries.map(queryText)].join("\n\n");
}

function queryText({ source, text, window, link, answer }: RerunQuery): string {
  const head = `${source}, ${window.from} to ${window.to}${link ? `\n${link}` : ""}\n\n${text}`;
  if (answer.kind === "failed") return `${head}\n\nnot run again: ${answer.why}`;
  if (answer.kind === "empty") return `${head}\n\nnothing there: ${answer.searched}`;
  const more = answer.isCut ? " (more there are: --rows)" : "";
  return `${head}\n\n${table(answer.columns, answer.rows)}\n${answer.rows.length} rows${more}`;
}

const widthMax = 60;

function table(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [columns, ...rows].map((row) =>
    row.map((cell) => (cell === null ? "" : String(cell)).slice(0, widthMax)),
  );
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
