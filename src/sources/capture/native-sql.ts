import type { NativeQuery } from "../../core/query.ts";
import { type Answerer, cut, rowLimit } from "./answer.ts";
import { quoted } from "./duck-sql.ts";
import { prepareSpans } from "./span-facts.ts";

/** The text is no query that may run; the message says what is wrong with it. */
export class RefusedQuery extends Error {}

/**
 * One SELECT in DuckDB's SQL over the views metrics, logs, spans, changes and span_facts, and over the
 * tables that the last is made of.
 * DuckDB's own parser tells whether it is one; the engine can read nothing but the capture's files.
 */
export const native: Answerer<NativeQuery> = {
  tables: ["metrics", "logs", "spans", "changes"],
  async answer(capture, query, _window, stop) {
    const { store } = capture;
    const text = query.text.trim().replace(/;\s*$/, "");
    const checked = await store.engine.query(
      `SELECT json_serialize_sql(${quoted(text)}) AS parsed`,
      stop,
    );
    refuseUnlessSelect(checked.columns[0]?.values[0]);
    for (const name of ["metrics", "logs", "spans", "changes"] as const) {
      if (new RegExp(`\\b${name}(_read)?\\b`, "i").test(text)) await store.table(name, stop);
    }
    if (/\bspan_(?:facts|tree|operations)\b/i.test(text)) await prepareSpans(store, stop);
    const most = rowLimit(query.limit);
    const frame = await store.engine.query(`SELECT * FROM (${text}\n) LIMIT ${most + 1}`, stop);
    return { ...cut(frame, most), sql: text };
  },
};

function refuseUnlessSelect(parsed: unknown): void {
  const tree = (typeof parsed === "string" ? JSON.parse(parsed) : parsed) as {
    error?: boolean;
    error_message?: string;
    statements?: readonly unknown[];
  };
  if (tree.error) throw new RefusedQuery(tree.error_message ?? "it could not be parsed");
  if (tree.statements?.length !== 1) throw new RefusedQuery("it holds more than one statement");
}
