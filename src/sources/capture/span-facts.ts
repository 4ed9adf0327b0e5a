import { numbers } from "../../core/frame.ts";
import type { Stop } from "./engine.ts";
import { repeatsGap } from "./log-repeats.ts";
import type { CaptureStore } from "./store.ts";

/**
 * Spans with what their tree says about them, made once and shared by every question on traces:
 * keys are 64-bit hashes of (trace, span); `self_ms` is the duration minus the union of the
 * children, each cut to its parent; `is_origin` marks an error none of whose children failed.
 * A row names its operation by a hash: the texts of a row would cost more than all the rest of it.
 */
const spanFacts = `CREATE OR REPLACE VIEW span_facts AS
SELECT s.* EXCLUDE (operation, calling_operation), o.service, o.name, o.kind,
  c.service AS caller, calling_operation IS NULL AS is_root
FROM span_tree s JOIN span_operations o USING (operation)
LEFT JOIN span_operations c ON c.operation = s.calling_operation`;

const operationTexts = "service, name, kind";
const operationHash = `hash(${operationTexts})`;

const spanOperations = (from: string) => `CREATE OR REPLACE TABLE span_operations AS
SELECT ${operationHash} AS operation, ${operationTexts}
FROM (SELECT DISTINCT ${operationTexts} FROM ${from})`;

const spanBase = (peer: string, texts: string) => `CREATE OR REPLACE TABLE span_base AS
SELECT hash(trace_id, span_id) AS key, hash(trace_id) AS trace,
  CASE WHEN parent_span_id IS NOT NULL THEN hash(trace_id, parent_span_id) END AS parent,
  ${operationHash} AS operation, ${texts} ms(start) AS start_ms, duration_ms,
  is_error_status(status) AS is_error, ${peer} AS peer
FROM spans`;

/** The other side of a call, as a client span names it. */
const peerOf = `CASE WHEN coalesce(kind, 'client') IN ('client', 'producer') THEN
  list_filter(json_extract_string(attributes, ['$."peer.service"', '$."db.name"', '$."db.system"',
    '$."db.system.name"', '$."messaging.destination.name"', '$."messaging.system"',
    '$."rpc.service"', '$."server.address"', '$."net.peer.name"']), lambda x: x IS NOT NULL)[1] END`;

/** `call_ms`: how long a call was as its caller saw it, where the parent stands for one call. */
const spanTree = `CREATE OR REPLACE TABLE span_tree AS
WITH parents AS MATERIALIZED (
  SELECT key, operation, start_ms, duration_ms, children, child_failed
  FROM span_base JOIN (SELECT parent, count(*) AS children, bool_or(is_error) AS child_failed
    FROM span_base WHERE parent IS NOT NULL GROUP BY parent) c ON c.parent = key
), pairs AS (
  SELECT c.parent, greatest(c.start_ms, p.start_ms) AS s,
    least(c.start_ms + c.duration_ms, p.start_ms + p.duration_ms) AS e
  FROM span_base c JOIN parents p ON c.parent = p.key
), swept AS (
  SELECT parent, s, e, max(e) OVER (PARTITION BY parent ORDER BY s
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS seen
  FROM pairs
), cover AS (
  SELECT parent, sum(greatest(0, e - greatest(s, seen))) AS covered_ms FROM swept GROUP BY parent
), covered AS MATERIALIZED (
  SELECT key, p.operation, covered_ms, child_failed,
    CASE WHEN kind IN ('client', 'producer') OR (kind IS NULL AND children = 1)
      THEN duration_ms END AS call_ms
  FROM parents p JOIN cover ON parent = key JOIN span_operations USING (operation)
)
SELECT b.key, b.trace, b.parent, b.operation, b.start_ms, b.duration_ms, b.is_error,
  greatest(0, b.duration_ms - coalesce(own.covered_ms, 0)) AS self_ms,
  b.is_error AND NOT coalesce(own.child_failed, false) AS is_origin,
  p.operation AS calling_operation,
  CASE WHEN p.call_ms IS NOT NULL THEN greatest(0, p.call_ms - b.duration_ms) END AS gap_ms,
  CASE WHEN own.key IS NULL THEN b.peer END AS peer
FROM span_base b
LEFT JOIN covered own ON own.key = b.key
LEFT JOIN covered p ON p.key = b.parent`;

const dedupe = `CREATE OR REPLACE TABLE span_base AS
SELECT * FROM span_base QUALIFY row_number() OVER (PARTITION BY key ORDER BY start_ms) = 1`;

/** Spans among which copies are looked for. */
const judgedSpans = 100_000;

/** Makes `span_facts` at its first use. False when the capture has no spans to make it of. */
export async function prepareSpans(store: CaptureStore, stop: Stop): Promise<boolean> {
  const table = await store.table("spans", stop);
  if (table.state !== "ready") return false;
  await store.derive("span_facts", async () => {
    const { engine } = store;
    const peer = table.hasAttributes ? peerOf : "NULL::VARCHAR";
    // Parquet gives its few texts once more for nearly nothing; text would have to be parsed again.
    const isParquet = table.files.every((file) => file.format === "parquet");
    await engine.execute(
      isParquet
        ? [spanBase(peer, ""), spanOperations("spans")]
        : [spanBase(peer, `${operationTexts},`), spanOperations("span_base")],
      stop,
    );
    // A copy has the same key; of many spans a part, picked by key, tells whether there are any.
    const oneIn = Math.max(1, Math.floor(table.rows / judgedSpans));
    const judged = await engine.query(
      `SELECT count(*) - count(DISTINCT key) AS again FROM span_base WHERE key % ${oneIn} = 0`,
      stop,
    );
    const again = numbers(judged, "again")[0] ?? 0;
    if (again > 0) await engine.execute([dedupe], stop);
    await engine.execute([spanTree, "DROP TABLE span_base", spanFacts], stop);
    return again > 0 ? [repeatsGap("spans", again * oneIn, "trace and span id")] : [];
  });
  return true;
}

/** Log lines with the operation of the span that wrote them; else of the trace in that service. */
export const operationOfLog = `SELECT l.*, coalesce(s.name, t.name) AS operation FROM logs_read l
  LEFT JOIN (SELECT key, any_value(name) AS name FROM span_facts GROUP BY key) s
    ON s.key = hash(l.trace_id, l.span_id)
  LEFT JOIN (SELECT trace, service, arg_min(name, start_ms) AS name FROM span_facts
    GROUP BY trace, service) t ON t.trace = hash(l.trace_id) AND t.service = l.service`;
