import type { ReportEvidence } from "../core/report.ts";

/**
 * The line of telemetry to show beside a statement; null when the statement has it word for word.
 */
export function quoteBeside({ quote, statement }: ReportEvidence): string | null {
  return quote && !statement.includes(quote) ? quote : null;
}
