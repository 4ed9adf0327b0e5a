import type { Gap } from "../../core/outcome.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { AwsStopped, awsFailure } from "../aws/faults.ts";
import { inParallel } from "../cloudwatch/series.ts";
import type { InsightsRow, Logs } from "./run.ts";

/** Logs Insights cuts a field near 1,000 characters; a line this long may have been longer. */
const suspectChars = 950;
/** Lines fetched whole per read, and at the same time: AWS names no quota for it. */
const recordsMax = 60;
const callsAtOnce = 5;

/**
 * Rows whose message may have been cut, with the whole message, fetched by its record pointer. What
 * cannot be fetched keeps what there is, and a gap says so.
 */
export async function wholeMessages(
  { sdk, client }: Logs,
  calls: AwsCalls,
  rows: readonly InsightsRow[],
): Promise<{ readonly rows: readonly InsightsRow[]; readonly gaps: readonly Gap[] }> {
  const suspects = [...rows.entries()].filter(
    ([, row]) => row["@ptr"] && (row["@message"]?.length ?? 0) >= suspectChars,
  );
  const whole = [...rows];
  let failed = Math.max(0, suspects.length - recordsMax);
  let why = failed > 0 ? `only ${recordsMax} long lines are fetched whole` : "";
  const jobs = suspects.slice(0, recordsMax).map(([at, row]) => async () => {
    try {
      const { logRecord } = await calls.call("logs:GetLogRecord", (abortSignal) =>
        client.send(new sdk.GetLogRecordCommand({ logRecordPointer: row["@ptr"] ?? "" }), {
          abortSignal,
        }),
      );
      const message = logRecord?.["@message"];
      if (message) whole[at] = { ...row, "@message": message };
    } catch (error) {
      if (error instanceof AwsStopped) throw error;
      failed += 1;
      const { reason, message } = awsFailure(error);
      why = `${reason}: ${message}`;
    }
  });
  await inParallel(jobs, callsAtOnce);
  const gap: Gap = {
    what: `the ends of ${failed} long lines`,
    why,
    effect: "these lines are cut near 1,000 characters",
    signal: "logs",
  };
  return { rows: whole, gaps: failed > 0 ? [gap] : [] };
}
