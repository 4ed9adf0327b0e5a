import type { Frame } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { Gap } from "../../core/outcome.ts";
import type { LogPatternsQuery } from "../../core/query.ts";
import { lengthMs, type Window } from "../../core/window.ts";
import { mostSurprising, patternRows, patternsFrame } from "../log-templates/pattern-rows.ts";
import { type Answerer, forServices, nothing } from "./answer.ts";
import { censusOfTotals } from "./census.ts";
import { groupsMax, groupsOf, periods, type ReadGroups } from "./log-groups.ts";
import { lineName, repeatsAmong, repeatsGap } from "./log-repeats.ts";
import { operationOfLog, prepareSpans } from "./span-facts.ts";
import type { CaptureStore } from "./store.ts";
import type { MappedFile } from "./tables.ts";

const exampleCharsMax = 2_000;

/** Masks and counts where the lines are; only the groups cross over, to become templates. */
export const logPatterns: Answerer<LogPatternsQuery> = {
  tables: ["logs"],
  opensTables: true,
  async answer(capture, query, window, stop) {
    const { store } = capture;
    const withOperation = query.byOperation === true && (await prepareSpans(store, stop));
    const isJudged = await areRepeatsJudged(store);
    const sql = patternsSql(query, window, { withOperation, isJudged });
    const read = () => groupsOf(store.engine, sql, stop);
    const ridden = await store.ride("logs", stop, async (files) => {
      const groups = await read();
      return { value: groups, census: censusOf(groups, files) };
    });
    const table = await store.table("logs", stop);
    if (table.state !== "ready") return { ...nothing, sql };
    const groups = ridden ?? (await read());
    const rows = patternRows(groups);
    const most = Math.min(query.limit ?? limits.logPatternsMax, limits.logPatternsMax);
    const ratio = query.baseline ? lengthMs(window) / lengthMs(query.baseline) : 0;
    return {
      frame: patternsFrame(mostSurprising(rows, ratio, most), groups),
      sql,
      truncated: rows.length > most || groups.isCut,
      gaps: [
        ...(groups.isCut ? [rareGap] : []),
        ...(groups.repeats > 0 ? [repeatsGap("log lines", groups.repeats, lineIdentity)] : []),
      ],
    };
  },
};

/** Telling repeats takes a quarter more time: logs up to this size always pay it. */
const judgedBytesMax = 16_000_000;

/** Where spans came more than once, lines of any size of log are asked whether they did. */
async function areRepeatsJudged(store: CaptureStore): Promise<boolean> {
  const logs = store.files.filter((file) => file.table === "logs" || file.table === null);
  const bytes = logs.reduce((sum, file) => sum + file.bytes, 0);
  return bytes <= judgedBytesMax || (await store.leftOut("span_facts")).length > 0;
}

const lineIdentity = "time, service, text, trace and attributes";

const rareGap: Gap = {
  what: "rare log lines",
  why: `there are more than ${groupsMax} different masked lines`,
  effect: "the rarest lines are in no pattern",
  signal: "logs",
};

/**
 * Every line of the table, those that cannot be used in groups of their own. The time is worked out
 * once per line, below the conditions that name it often: a WHERE would be pushed down to the file
 * and parse it again for each of them.
 */
function patternsSql(
  query: LogPatternsQuery,
  window: Window,
  { withOperation, isJudged }: { withOperation: boolean; isJudged: boolean },
): string {
  const within = (period: Window) => `t >= ${period.from} AND t < ${period.to}`;
  const baseline = query.baseline ? `WHEN ${within(query.baseline)} THEN ${periods.baseline} ` : "";
  const kept = (sql: string) => `CASE WHEN period > 0 THEN ${sql} END`;
  return `SELECT ${kept("service")} AS service, ${kept("severity")} AS severity,
  ${withOperation ? kept("operation") : "NULL::VARCHAR"} AS operation,
  ${kept("mask(body)")} AS masked, CAST(period AS DOUBLE) AS period,
  CAST(count(*) AS DOUBLE) AS lines, ${isJudged ? repeatsAmong("line") : "0.0::DOUBLE"} AS again,
  coalesce(min(t), 'nan'::DOUBLE) AS first_at,
  coalesce(max(t), 'nan'::DOUBLE) AS last_at, left(any_value(body), ${exampleCharsMax}) AS example,
  any_value(trace_id) AS trace_id
FROM (SELECT *, ${isJudged ? `${lineName} AS line,` : ""} CASE WHEN unreadable THEN ${periods.unreadable}
      WHEN NOT coalesce(t >= ${possible.from} AND t < ${possible.to}, false)
        THEN ${periods.badTime}
      WHEN NOT ${forServices("service", query.services)} THEN ${periods.neither}
      WHEN ${within(window)} THEN ${periods.window} ${baseline}ELSE ${periods.neither} END AS period
  FROM (SELECT *, ms(timestamp) AS t FROM ${withOperation ? `(${operationOfLog})` : "logs_read"}))
GROUP BY ALL`;
}

/** As `is_possible_time` has it. */
const possible = { from: Date.UTC(1980, 0, 1), to: Date.UTC(2200, 0, 1) };

/** Faults and reach of the table, from the groups. */
function censusOf({ all, isCut }: ReadGroups, files: readonly MappedFile[]): Frame | null {
  if (isCut) return null;
  const totals = { usable: 0, unreadable: 0, badTime: 0, badValue: 0 };
  let firstAt = Number.NaN;
  let lastAt = Number.NaN;
  for (const [row, period] of all.period.entries()) {
    const count = all.lines[row] as number;
    if (period === periods.unreadable) totals.unreadable += count;
    else if (period === periods.badTime) totals.badTime += count;
    else {
      totals.usable += count;
      firstAt = Math.min(Number.isNaN(firstAt) ? Infinity : firstAt, all.firstAt[row] as number);
      lastAt = Math.max(Number.isNaN(lastAt) ? -Infinity : lastAt, all.lastAt[row] as number);
    }
  }
  return censusOfTotals({ ...totals, firstAt, lastAt }, files);
}
