import type { DuckDBConnection } from "@duckdb/node-api";
import type { AlarmRule } from "../faults/fault.ts";

/** Alarms see a value this long after its interval has ended. */
const delayMs = 5_000;

/**
 * The first time at which the rule holds in the recorded metrics, as the alarm system would have
 * seen it; null when it never does. Values of one ten-second interval are added up (counts) or
 * averaged (levels) over their attributes.
 */
export async function fire(
  raw: DuckDBConnection,
  { service, metric, breach, threshold, points }: AlarmRule,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<{ firedAtMs: number; observed: number } | null> {
  const reader = await raw.runAndReadAll(
    `SELECT epoch_ms(time_bucket(INTERVAL 10 SECOND, timestamp))::DOUBLE AS at,
            CASE WHEN any_value(kind) = 'count' THEN sum(value) ELSE avg(value) END AS value
       FROM metrics
      WHERE service = $1 AND metric = $2
        AND timestamp >= epoch_ms(${fromMs}) AND timestamp < epoch_ms(${toMs})
      GROUP BY 1 ORDER BY 1`,
    [service, metric],
  );
  let inRow = 0;
  for (const [at, value] of reader.getRows() as [number, number][]) {
    const breaches = breach === "above" ? value > threshold : value < threshold;
    inRow = breaches ? inRow + 1 : 0;
    if (inRow === points) return { firedAtMs: at + 10_000 + delayMs, observed: value };
  }
  return null;
}

/** Time of the first log line whose body matches; null when there is none. */
export async function firstLog(raw: DuckDBConnection, pattern: string): Promise<number | null> {
  const reader = await raw.runAndReadAll(
    "SELECT epoch_ms(min(timestamp))::DOUBLE FROM logs WHERE regexp_matches(body, $1)",
    [pattern],
  );
  const at = reader.getRows()[0]?.[0];
  return typeof at === "number" ? at : null;
}
