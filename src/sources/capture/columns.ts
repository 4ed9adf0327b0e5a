import { named, quoted } from "./duck-sql.ts";
import type { TableName } from "./files.ts";

/** A column of a file as DuckDB will hand it over. */
export interface RawColumn {
  readonly name: string;
  readonly type: string;
}

/** What a row speaks of, the most telling first: a file without services may have pods or hosts. */
const owners =
  "service service_name servicename service.name app application component cmdb_id workload " +
  "deployment container_name container pod_name podname pod job host_name hostname host node";
const times = ["timestamp", "time", "ts", "@timestamp", "datetime", "date"];

/** Canonical column to the names it goes by in the wild; the first that a file has is taken. */
const aliases: Record<TableName, Record<string, readonly string[]>> = {
  metrics: {
    timestamp: times,
    service: owners.split(" "),
    metric: ["metric", "metric_name", "metricname", "kpi_name", "kpi", "name", "__name__"],
    value: ["value", "val"],
    resource: ["resource", "instance"],
    unit: ["unit"],
    kind: ["kind", "type"],
    layer: ["layer"],
    attributes: ["attributes", "labels", "tags", "dimensions"],
  },
  logs: {
    timestamp: times,
    service: owners.split(" "),
    severity: [
      ...["severity", "severity_text", "severitytext", "level", "log.level", "log_level"],
      ...["loglevel", "lvl"],
    ],
    body: ["body", "message", "msg", "log", "text", "content", "line"],
    trace_id: ["trace_id", "traceid", "trace.id"],
    span_id: ["span_id", "spanid", "span.id"],
    attributes: ["attributes", "labels", "tags", "fields"],
  },
  spans: {
    trace_id: ["trace_id", "traceid", "trace.id"],
    span_id: ["span_id", "spanid", "span.id"],
    parent_span_id: ["parent_span_id", "parentspanid", "parent_id", "parentid"],
    service: owners.split(" "),
    name: ["name", "operation", "operation_name", "operationname", "span_name"],
    start: ["start", "start_time", "starttime", "timestamp", "starttimeunixnano"],
    finish: ["end", "end_time", "endtime", "endtimeunixnano"],
    duration_ms: ["duration_ms", "durationms"],
    duration_us: ["duration_us", "durationus"],
    duration_ns: ["duration_ns", "durationns", "durationnano"],
    duration: ["duration", "elapsed", "elapsedtime"],
    status: ["status", "status_code", "statuscode"],
    kind: ["kind", "span_kind", "spankind"],
    attributes: ["attributes", "tags"],
  },
  changes: {
    timestamp: ["timestamp", "time", "ts", "@timestamp", "date"],
    kind: ["kind", "type"],
    service: ["service", "service_name"],
    ref: ["ref", "id", "sha", "commit", "version"],
    title: ["title", "message", "summary", "subject"],
    author: ["author", "by", "user"],
    files: ["files", "paths"],
    diff: ["diff", "patch"],
    attributes: ["attributes"],
  },
};

/** Columns without which a file of the table says nothing. */
const required: Record<TableName, readonly (readonly string[])[]> = {
  metrics: [["timestamp"], ["metric"], ["value"]],
  logs: [["timestamp"], ["body"]],
  spans: [
    ["start"],
    ["duration_ms", "duration_us", "duration_ns", "duration", "finish"],
    ["span_id"],
  ],
  changes: [["timestamp"]],
};

/** True of a column that tells when; a table may say it twice. */
export function isTimeName(name: string): boolean {
  return times.includes(name.toLowerCase());
}

/** JSON columns are read as JSON, everything else as text that the view casts. */
export function jsonlType(table: TableName, name: string): "JSON" | "VARCHAR" {
  const canonical = canonicalOf(table, name);
  if (canonical === null || canonical === "attributes" || canonical === "files") return "JSON";
  return "VARCHAR";
}

function canonicalOf(table: TableName, name: string): string | null {
  const lower = name.toLowerCase();
  const hit = Object.entries(aliases[table]).find(([, names]) => names.includes(lower));
  return hit?.[0] ?? null;
}

/** Which raw column plays which part; what is left over becomes attributes. */
export interface Mapping {
  readonly of: ReadonlyMap<string, RawColumn>;
  readonly rest: readonly RawColumn[];
  /** Canonical names that are needed and absent. */
  readonly missing: readonly string[];
}

/** Matches the columns of a file to those of its table. */
export function mapColumns(table: TableName, columns: readonly RawColumn[]): Mapping {
  const of = new Map<string, RawColumn>();
  const used = new Set<RawColumn>();
  for (const [canonical, names] of Object.entries(aliases[table])) {
    const hit = names
      .map((name) => columns.find((c) => c.name.toLowerCase() === name && !used.has(c)))
      .find((column) => column !== undefined);
    if (!hit) continue;
    of.set(canonical, hit);
    used.add(hit);
  }
  const owner = of.get("service");
  if (owner && isPod(owner) && !of.has("resource")) of.set("resource", owner);
  const missing = required[table]
    .filter((options) => !options.some((name) => of.has(name)))
    .map((options) => options[0] as string);
  return { of, rest: columns.filter((c) => !used.has(c)), missing };
}

/** The select list that turns a file's columns into the table's, as `name -> SQL`. */
export function selectList(table: TableName, mapping: Mapping): Record<string, string> {
  const text = (name: string) => textOf(mapping.of.get(name));
  const attributes = attributesOf(mapping);
  switch (table) {
    case "metrics":
      return {
        timestamp: timeOf(mapping.of.get("timestamp")),
        service: mapping.of.has("service")
          ? serviceOf(mapping)
          : `service_of_metric(${attributes}, ${text("metric")})`,
        metric: text("metric"),
        value: numberOf(mapping.of.get("value")),
        resource: text("resource"),
        unit: text("unit"),
        kind: text("kind"),
        layer: `lower(${text("layer")})`,
        attributes,
      };
    case "logs":
      return {
        timestamp: timeOf(mapping.of.get("timestamp")),
        service: serviceOf(mapping),
        severity: `severity_of(${text("severity")}, ${text("body")})`,
        body: `coalesce(${text("body")}, '')`,
        trace_id: text("trace_id"),
        span_id: text("span_id"),
        attributes,
      };
    case "spans":
      return spanList(mapping, attributes);
    case "changes":
      return {
        timestamp: timeOf(mapping.of.get("timestamp")),
        kind: text("kind"),
        service: text("service"),
        ref: `coalesce(${text("ref")}, '')`,
        title: `coalesce(${text("title")}, '')`,
        author: text("author"),
        files: text("files"),
        diff: text("diff"),
      };
  }
}

function spanList(mapping: Mapping, attributes: string): Record<string, string> {
  const text = (name: string) => textOf(mapping.of.get(name));
  const number = (name: string) => numberOf(mapping.of.get(name));
  const durations: string[] = [];
  if (mapping.of.has("duration_ms")) durations.push(number("duration_ms"));
  if (mapping.of.has("duration_us")) durations.push(`${number("duration_us")} / 1e3`);
  if (mapping.of.has("duration_ns")) durations.push(`${number("duration_ns")} / 1e6`);
  if (mapping.of.has("duration")) {
    durations.push(`duration_as_start(${number("duration")}, ${number("start")})`);
  }
  const start = timeOf(mapping.of.get("start"));
  if (mapping.of.has("finish")) {
    durations.push(`ms(${timeOf(mapping.of.get("finish"))}) - ms(${start})`);
  }
  return {
    trace_id: `coalesce(${text("trace_id")}, '')`,
    span_id: text("span_id"),
    parent_span_id: `nullif(nullif(${text("parent_span_id")}, ''), '0000000000000000')`,
    service: serviceOf(mapping),
    name: `coalesce(${text("name")}, '')`,
    start,
    duration_ms: durations.length > 0 ? `coalesce(${durations.join(", ")})` : "NULL::DOUBLE",
    status: hasAttributes(mapping)
      ? `status_or_attributes(${text("status")}, ${attributes})`
      : text("status"),
    kind: `span_kind(${text("kind")})`,
    attributes,
  };
}

function isPod({ name }: RawColumn): boolean {
  return /^pod(_?name)?$/i.test(name);
}

/**
 * Pods come and go, what they run stays: without the suffixes of Kubernetes, whose alphabet has no
 * vowels (`cart-6d9f7c5b4-x2x9k`), or the number of a stateful set (`redis-0`).
 */
const podSuffix = "-(?:[bcdfghjklmnpqrstvwxz2-9]{6,10}-[bcdfghjklmnpqrstvwxz2-9]{5}|[0-9]{1,3})$";

function serviceOf({ of }: Mapping): string {
  const owner = of.get("service");
  const name = textOf(owner);
  return owner && isPod(owner)
    ? `coalesce(regexp_replace(${name}, ${quoted(podSuffix)}, ''), '')`
    : `coalesce(${name}, '')`;
}

function textOf(column: RawColumn | undefined): string {
  if (!column) return "NULL::VARCHAR";
  const name = named(column.name);
  if (column.type === "VARCHAR") return name;
  if (column.type === "JSON")
    return `CASE WHEN ${name} <> 'null' THEN CAST(${name} AS VARCHAR) END`;
  if (isNested(column.type)) return `CAST(to_json(${name}) AS VARCHAR)`;
  return `CAST(${name} AS VARCHAR)`;
}

function numberOf(column: RawColumn | undefined): string {
  return column ? `try_cast(${named(column.name)} AS DOUBLE)` : "NULL::DOUBLE";
}

/** SQL of a column as a time; NULL where it holds none. */
export function timeOf(column: RawColumn | undefined): string {
  if (!column) return "NULL::TIMESTAMPTZ";
  const name = named(column.name);
  if (column.type === "TIMESTAMP WITH TIME ZONE") return name;
  if (/^(TIMESTAMP|DATE)/.test(column.type)) return `try_cast(${name} AS TIMESTAMPTZ)`;
  if (/^(VARCHAR|JSON)/.test(column.type)) return `time_of_text(${name})`;
  return `time_of_number(CAST(${name} AS DOUBLE))`;
}

function hasAttributes(mapping: Mapping): boolean {
  return mapping.of.has("attributes") || mapping.rest.length > 0;
}

/** The attributes column merged with every column that has no part of its own. */
function attributesOf(mapping: Mapping): string {
  const column = mapping.of.get("attributes");
  const own = column ? `(${objectOf(column)})` : null;
  const extra = mapping.rest.map((c) => `${quoted(c.name)}, ${named(c.name)}`).join(", ");
  if (!extra) return own ?? "NULL::JSON";
  return `json_merge_patch(coalesce(${own ?? "NULL"}, '{}'), json_object(${extra}))`;
}

/** An object as it stands, or one that was written into a string, as log shippers do. */
function objectOf(column: RawColumn): string {
  const name = named(column.name);
  if (isNested(column.type)) return `to_json(${name})`;
  const value = column.type === "JSON" ? name : `try_cast(${name} AS JSON)`;
  const inner = `try_cast(${value} ->> '$' AS JSON)`;
  return `CASE json_type(${value}) WHEN 'OBJECT' THEN ${value}
    WHEN 'VARCHAR' THEN CASE WHEN json_type(${inner}) = 'OBJECT' THEN ${inner} END END`;
}

function isNested(type: string): boolean {
  return /^(STRUCT|MAP)\b/.test(type) || type.endsWith("]");
}
