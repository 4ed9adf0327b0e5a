import { z } from "zod";
import type { Window } from "../../core/window.ts";
import type { AthenaSettings } from "../athena.ts";
import { type AthenaTable, within } from "./sql.ts";

const tableName = z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/, "is not the name of a table");

/** Which ready-made tables there are; their DDL is in infra/athena. */
export const tableSettings = {
  /** Database of a lake with the tables metrics, logs, spans and changes of a capture. */
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
    tables.set(name, { from, time: `"${time}"`, day: `"day"`, daySeparator: "-" });
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

/** Where the files of a table lie, `s3://bucket/prefix`, and since which day. */
export interface TablePlace {
  readonly location: string;
  readonly since: string;
}

function projected(format: string, template: string, since: string): string {
  return `TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = '${format}',
  'projection.day.range' = '${since},NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = '${template}'
)`;
}

const lakeColumns: Readonly<Record<string, string>> = {
  metrics: `\`timestamp\` timestamp, service string, metric string, value double,
  resource string, unit string, kind string, layer string, attributes string`,
  logs: `\`timestamp\` timestamp, service string, severity string, body string,
  trace_id string, span_id string, attributes string`,
  spans: `trace_id string, span_id string, parent_span_id string, service string, name string,
  start timestamp, duration_ms double, status string, kind string, attributes string`,
  changes: `\`timestamp\` timestamp, kind string, service string, ref string, title string,
  author string, files array<string>, diff string`,
};

/** Parquet files as a capture has them, in folders by day: `metrics/day=2026-03-01/…`. */
export function lakeDdl(database: string, { location, since }: TablePlace): string {
  return Object.entries(lakeColumns)
    .map(
      ([name, columns]) => `CREATE EXTERNAL TABLE IF NOT EXISTS ${database}.${name} (
  ${columns}
)
PARTITIONED BY (day string)
STORED AS PARQUET
LOCATION '${location}/${name}/'
${projected("yyyy-MM-dd", `${location}/${name}/day=\${day}/`, since)};`,
    )
    .join("\n\n");
}

/**
 * Events of a trail. Columns and serde:
 * https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
 */
export function trailDdl(table: string, { location, since }: TablePlace): string {
  return `CREATE EXTERNAL TABLE IF NOT EXISTS ${table} (
  eventversion string,
  useridentity struct<type:string, principalid:string, arn:string, accountid:string,
    invokedby:string, username:string>,
  eventtime string, eventsource string, eventname string, awsregion string,
  sourceipaddress string, useragent string, errorcode string, errormessage string,
  requestparameters string, responseelements string, requestid string, eventid string,
  readonly string, eventtype string, recipientaccountid string
)
PARTITIONED BY (day string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION '${location}/'
${projected("yyyy/MM/dd", `${location}/\${day}`, since)};`;
}

/**
 * Access logs of Application Load Balancers. Fields in their order:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
export function albDdl(table: string, { location, since }: TablePlace): string {
  const field = "([^ ]*)";
  const quote = '\\"([^\\"]*)\\"';
  const regex = [
    ...[field, field, field, "([^ ]*):([0-9]*)", "([^ ]*)[:-]([0-9]*)"],
    ...["([-.0-9]*)", "([-.0-9]*)", "([-.0-9]*)", "(|[-0-9]*)", "(-|[-0-9]*)"],
    ...["([-0-9]*)", "([-0-9]*)", '\\"([^ ]*) (.*) (- |[^ ]*)\\"', quote, field, field, field],
    ...[quote, quote, quote, field, field, quote, quote, quote, quote, quote, quote, quote],
  ].join(" ");
  return `CREATE EXTERNAL TABLE IF NOT EXISTS ${table} (
  type string, time string, elb string, client_ip string, client_port int,
  target_ip string, target_port int, request_processing_time double,
  target_processing_time double, response_processing_time double, elb_status_code int,
  target_status_code string, received_bytes bigint, sent_bytes bigint, request_verb string,
  request_url string, request_proto string, user_agent string, ssl_cipher string,
  ssl_protocol string, target_group_arn string, trace_id string, domain_name string,
  chosen_cert_arn string, matched_rule_priority string, request_creation_time string,
  actions_executed string, redirect_url string, lambda_error_reason string,
  target_port_list string, target_status_code_list string, classification string,
  classification_reason string
)
PARTITIONED BY (day string)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES (
  'serialization.format' = '1',
  'input.regex' = '${regex}.*'
)
LOCATION '${location}/'
${projected("yyyy/MM/dd", `${location}/\${day}`, since)};`;
}
