import type { QueryKind, SignalQuery } from "../../core/query.ts";
import type { SourceContext } from "../../core/source.ts";
import type { Window } from "../../core/window.ts";
import { type Answer, type Answerer, type Capture, nothing } from "./answer.ts";
import { alarms, changes } from "./changes-sql.ts";
import { timeLeft } from "./engine.ts";
import { logPatterns } from "./log-patterns.ts";
import { logSearch, logVolume } from "./logs-sql.ts";
import { metricList, metricSeries } from "./metrics-sql.ts";
import { native } from "./native-sql.ts";
import { spanSeries, trace, traceList } from "./spans-sql.ts";
import { topology } from "./topology.ts";
import { traceSample } from "./trace-sample.ts";
import { edgeStats, operationStats, spanAttributes } from "./traces-sql.ts";

type Answerers = {
  readonly [Kind in Exclude<QueryKind, "slos">]: Answerer<Extract<SignalQuery, { kind: Kind }>>;
};

/** Every kind of question, and how it is answered from a capture. */
export const answerers: Answerers = {
  "metric-list": metricList,
  "metric-series": metricSeries,
  "log-search": logSearch,
  "log-patterns": logPatterns,
  "log-volume": logVolume,
  "operation-stats": operationStats,
  "edge-stats": edgeStats,
  "span-series": spanSeries,
  "span-attributes": spanAttributes,
  "trace-list": traceList,
  trace,
  "trace-sample": traceSample,
  changes,
  topology,
  alarms,
  native,
};

/** The tables a question reads are too many bytes for what it may scan. */
export class TooBig extends Error {
  readonly bytes: number;
  constructor(bytes: number) {
    super(`${bytes} bytes`);
    this.bytes = bytes;
  }
}

/** Answers a question from tables that are ready; without them there are no rows. */
export async function answerOf(
  capture: Capture,
  query: SignalQuery,
  window: Window,
  context: SourceContext,
): Promise<Answer> {
  timeLeft(context);
  if (query.kind === "slos") return { ...nothing, sql: "no recorded report of objectives" };
  const answerer = answerers[query.kind] as Answerer<SignalQuery>;
  const bytes = capture.store.files
    .filter((file) => file.table === null || answerer.tables.includes(file.table))
    .reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > context.bytesMax) throw new TooBig(bytes);
  if (query.kind !== "native" && !answerer.opensTables) {
    for (const name of answerer.tables) {
      const table = await capture.store.table(name, context);
      if (table.state !== "ready") {
        return { ...nothing, sql: `FROM ${name}` };
      }
    }
  }
  const isDerived = answerer.derived !== undefined && capture.store.isDerived(answerer.derived);
  const answer = await answerer.answer(capture, query, window, context);
  const leftOut = answerer.derived ? await capture.store.leftOut(answerer.derived) : [];
  return {
    bytes: isDerived ? 0 : bytes,
    ...answer,
    gaps: [...(answer.gaps ?? []), ...leftOut],
  };
}
