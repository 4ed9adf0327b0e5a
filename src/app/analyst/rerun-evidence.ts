import type { RerunEvidence, RerunQuery } from "../../cli/runtime.ts";
import type { Analyst } from "../../core/analyst.ts";
import { UserError } from "../../core/errors.ts";
import type { Column, Frame } from "../../core/frame.ts";
import { localPrincipal } from "../../core/principal.ts";
import { cleanText } from "../../core/redaction.ts";
import type { ReportEvidence } from "../../core/report.ts";
import type { Reading } from "../../core/source.ts";
import { type InvestigationParts, openSubject } from "./investigations.ts";
import { requestFor } from "./tool-calls.ts";

const cellCharsMax = 200;

/**
 * Runs the queries of one item of evidence again, where they ran before and over the same window.
 * Throws `UserError` for an incident or an id that there is not.
 */
export async function rerunEvidence(
  analyst: Analyst,
  parts: InvestigationParts,
  wanted: { incident: string; evidence: string; rowsMax: number; signal: AbortSignal },
): Promise<RerunEvidence> {
  const report = await analyst.report(wanted.incident);
  if (!report) throw new UserError(`There is no report of an incident "${wanted.incident}".`);
  const id = wanted.evidence.toUpperCase();
  const found = report.evidence.find((each) => each.id === id);
  if (!found) {
    const ids = `${report.evidence[0]?.id ?? "none"} to ${report.evidence.at(-1)?.id ?? "none"}`;
    throw new UserError(`There is no evidence "${wanted.evidence}" in it; there is ${ids}.`);
  }
  const scope = { incident: wanted.incident, window: null, principal: localPrincipal };
  const subject = await openSubject(await requestFor(analyst, scope), parts, wanted.signal);
  try {
    const queries: RerunQuery[] = [];
    for (const provenance of distinct(found)) {
      const { source, query: text, window, link } = provenance;
      const shown = { source, text, window, ...(link ? { link } : {}) };
      if (!/\s/.test(text)) {
        queries.push({ ...shown, answer: { kind: "failed", why: readAsItIs(text) } });
        continue;
      }
      const asked = { kind: "native", source, text, limit: wanted.rowsMax } as const;
      const at = { from: Date.parse(window.from), to: Date.parse(window.to) };
      const reading = await subject.telemetry.native(asked, at);
      queries.push({ ...shown, ...answerOf(reading) });
    }
    return { id, statement: found.statement, queries };
  } finally {
    await subject.close();
  }
}

/** A file such as `topology.json`, or the name of a call without words of its own. */
function readAsItIs(text: string): string {
  return `${text} is read as it is; there is no query to run.`;
}

function distinct({ provenance }: ReportEvidence): ReportEvidence["provenance"] {
  const byText = new Map(provenance.map((each) => [`${each.source}\n${each.query}`, each]));
  return [...byText.values()];
}

function answerOf(reading: Reading): Pick<RerunQuery, "answer"> {
  if (reading.kind === "failed") return { answer: { kind: "failed", why: reading.message } };
  if (reading.kind === "empty") return { answer: { kind: "empty", searched: reading.searched } };
  const { frame, provenance } = reading;
  const columns = frame.columns.map((column) => column.name);
  return { answer: { kind: "data", columns, rows: rowsOf(frame), isCut: provenance.truncated } };
}

function rowsOf(frame: Frame): (string | number | null)[][] {
  return Array.from({ length: frame.length }, (_, row) =>
    frame.columns.map((column) => cellOf(column, row)),
  );
}

/** Telemetry's own text is cleaned: it goes to a terminal. */
function cellOf(column: Column, row: number): string | number | null {
  const value = column.values[row];
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  if (column.type === "time") return new Date(Number(value)).toISOString();
  if (typeof value === "number") return value;
  if (column.type === "points") return `${column.values[row]?.times.length ?? 0} points`;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return cleanText(text.replace(/\s+/g, " "), cellCharsMax);
}
