import { numbers } from "../../core/frame.ts";
import type { Stop } from "./engine.ts";
import type { CaptureStore } from "./store.ts";

/**
 * Spans with what their tree says about them, made once and shared by every question on traces:
 * keys are 64-bit hashes of (trace, span); `self_ms` is the duration minus the union of the
 * children, each cut to its parent; `is_origin` marks an error none of whose children failed.
 */
const spanBase = (peer: string) => `CREATE OR REPLACE TABLE span_base AS
SELECT hash(trace_id, span_id) AS key, hash(trace_id) AS trace,
  CASE WHEN parent_span_id IS NOT NULL THEN hash(trace_id, parent_span_id) END AS parent,
  service, name, kind, ms(start) AS start_ms, duration_ms, is_error_status(status) AS is_error,
  ${peer} AS peer
FROM spans`;

/** The other side of a call, as a client span names it. */
const peerOf = `CASE WHEN coalesce(kind, 'client') IN ('client', 'producer') THEN
  list_filter(json_extract_string(attributes, ['$."peer.service"', '$."db.name"', '$."db.system"',
    '$."db.system.name"', '$."messaging.destination.name"', '$."messaging.system"',
    '$."rpc.service"', '$."server.address"', '$."net.peer.name"']), lambda x: x IS NOT NULL)[1] END`;

const spanFacts = `CREATE OR REPLACE TABLE span_facts AS
WITH pairs AS (
  SELECT c.parent, c.is_error, greatest(c.start_ms, p.start_ms) AS s,
    least(c.start_ms + c.duration_ms, p.start_ms + p.duration_ms) AS e
  FROM span_base c JOIN (SELECT key, start_ms, duration_ms FROM span_base
    WHERE key IN (SELECT parent FROM span_base)) p ON c.parent = p.key
), swept AS (
  SELECT parent, is_error, s, e, max(e) OVER (PARTITION BY parent ORDER BY s
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS seen
  FROM pairs
), cover AS (
  SELECT parent, sum(greatest(0, e - greatest(s, coalesce(seen, s)))) AS covered_ms,
    bool_or(is_error) AS child_failed, count(*) AS children
  FROM swept GROUP BY parent
), parents AS MATERIALIZED (
  SELECT b.key, b.service, b.kind, b.duration_ms, c.covered_ms, c.child_failed, c.children
  FROM span_base b JOIN cover c ON c.parent = b.key
)
SELECT b.* EXCLUDE (peer),
  greatest(0, b.duration_ms - coalesce(own.covered_ms, 0)) AS self_ms,
  b.is_error AND NOT coalesce(own.child_failed, false) AS is_origin,
  p.service AS caller,
  CASE WHEN p.kind IN ('client', 'producer') OR (p.kind IS NULL AND p.children = 1)
    THEN greatest(0, p.duration_ms - b.duration_ms) END AS gap_ms,
  p.key IS NULL AS is_root,
  CASE WHEN own.key IS NULL THEN b.peer END AS peer
FROM span_base b
LEFT JOIN parents own ON own.key = b.key
LEFT JOIN parents p ON p.key = b.parent`;

const dedupe = `CREATE OR REPLACE TABLE span_base AS
SELECT * FROM span_base QUALIFY row_number() OVER (PARTITION BY key ORDER BY start_ms) = 1`;

/** Makes `span_facts` at its first use. False when the capture has no spans to make it of. */
export async function prepareSpans(store: CaptureStore, stop: Stop): Promise<boolean> {
  const table = await store.table("spans", stop);
  if (table.state !== "ready") return false;
  await store.derive("span_facts", async () => {
    const { engine } = store;
    await engine.execute([spanBase(table.hasAttributes ? peerOf : "NULL::VARCHAR")], stop);
    const count = await engine.query(
      "SELECT count(*) AS spans, approx_count_distinct(key) AS keys FROM span_base",
      stop,
    );
    // The estimate is within a few percent: a whole copy of every span is what it must notice.
    const [spans, keys] = [numbers(count, "spans")[0] ?? 0, numbers(count, "keys")[0] ?? 0];
    if (spans < 200_000 || spans > keys * 1.2) await engine.execute([dedupe], stop);
    await engine.execute([spanFacts, "DROP TABLE span_base"], stop);
  });
  return true;
}

/** Log lines with the operation of the span that wrote them; else of the trace in that service. */
export const operationOfLog = `SELECT l.*, coalesce(s.name, t.name) AS operation FROM logs_read l
  LEFT JOIN (SELECT key, any_value(name) AS name FROM span_facts GROUP BY key) s
    ON s.key = hash(l.trace_id, l.span_id)
  LEFT JOIN (SELECT trace, service, arg_min(name, start_ms) AS name FROM span_facts
    GROUP BY trace, service) t ON t.trace = hash(l.trace_id) AND t.service = l.service`;
