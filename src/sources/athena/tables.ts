import { z } from "zod";
import type { Window } from "../../core/window.ts";
import type { AthenaSettings } from "../athena.ts";
import { type AthenaTable, within } from "./sql.ts";

const tableName = z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/, "is not the name of a table");

/** Which ready-made tables there are; their DDL is in infra/athena. */
export const tableSettings = {
  /**
   * Database of a lake with the tables metrics, logs, spans and changes of a capture; the last is
   * read for changes.
   */
  lakeDatabase: z
    .string()
    .regex(/^[A-Za-z_]\w*$/)
    .optional(),
  /** Table of load balancer logs, known to queries as alb_logs. */
  albTable: tableName.optional(),
  /** Table of a trail, known to queries as cloudtrail and read for changes. */
  cloudtrailTable: tableName.optional(),
};

function quotedName(name: string, database: string): string {
  const full = name.includes(".") ? name : `${database}.${name}`;
  return full.replace(/\w+/g, '"$&"');
}

/** The tables that are cut to the window by themselves, by the name that queries use. */
export function knownTables(own: AthenaSettings): ReadonlyMap<string, AthenaTable> {
  const tables = new Map<string, AthenaTable>();
  const { lakeDatabase: lake, albTable, cloudtrailTable, database } = own;
  for (const [name, time] of lake ? lakeTimes : []) {
    const from = quotedName(name, lake ?? database);
    const columns = name === "logs" ? { columns: logColumns } : {};
    tables.set(name, { from, ...columns, time: `"${time}"`, day: `"day"`, daySeparator: "-" });
  }
  if (albTable) {
    tables.set("alb_logs", {
      from: quotedName(albTable, database),
      time: isoTimestamp(`"time"`),
      day: `"day"`,
      daySeparator: "/",
    });
  }
  if (cloudtrailTable) tables.set("cloudtrail", trailTable(own, cloudtrailTable));
  return tables;
}

const lakeTimes = [
  ["metrics", "timestamp"],
  ["logs", "timestamp"],
  ["spans", "start"],
  ["changes", "timestamp"],
] as const;

/** Words for severities, by the word of a capture for them. */
const severities = {
  trace: ["trace", "verbose", "finest", "finer"],
  debug: ["debug", "fine", "config"],
  warn: ["warn", "warning"],
  error: ["error", "err", "severe"],
  fatal: ["fatal", "alert", "critical", "crit", "emergency", "emerg", "panic"],
};

/** The columns of logs, with the severities that a capture has: a query for one finds it in both. */
const logColumns = `"timestamp", service, CASE
    ${Object.entries(severities)
      .map(([word, all]) => `WHEN lower(severity) IN ('${all.join("', '")}') THEN '${word}'`)
      .join("\n    ")}
    ELSE 'info' END AS severity, body, trace_id, span_id, attributes, "day"`;

function isoTimestamp(column: string): string {
  return `CAST(from_iso8601_timestamp(${column}) AS timestamp)`;
}

function trailTable(own: AthenaSettings, name: string): AthenaTable {
  return {
    from: quotedName(name, own.database),
    time: isoTimestamp("eventtime"),
    day: `"day"`,
    daySeparator: "/",
  };
}

/** Changes of the lake over a window, newest first. */
export function lakeChangesSql(own: AthenaSettings, window: Window, rowsMax: number): string {
  const table = knownTables(own).get("changes") as AthenaTable;
  return `SELECT "timestamp", kind, service, ref, title, author, files, diff
FROM ${table.from}
WHERE ${within(table, window)}
ORDER BY "timestamp" DESC
LIMIT ${rowsMax}`;
}

/** Changing events of a trail over a window, newest first. */
export function trailSql(own: AthenaSettings, window: Window, rowsMax: number): string {
  const table = trailTable(own, own.cloudtrailTable ?? "cloudtrail");
  return `SELECT eventtime, eventname, eventsource, eventid, useridentity.arn AS author,
  requestparameters, errorcode
FROM ${table.from}
WHERE ${within(table, window)}
  AND readonly = 'false'
ORDER BY eventtime DESC
LIMIT ${rowsMax}`;
}
