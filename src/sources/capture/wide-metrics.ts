import { isTimeName, type Mapping, type RawColumn, timeOf } from "./columns.ts";
import { cellsOf } from "./csv-cells.ts";
import { named, quoted } from "./duck-sql.ts";
import type { CaptureFile } from "./files.ts";

/** A column of a metric's values. */
export interface Measure {
  readonly column: RawColumn;
  /** The column's name, without the service where it says one. */
  readonly metric: string;
  /** Whom it measures, where the names of all columns tell; null where they do not. */
  readonly service: string | null;
}

/** A table of metrics with one column per metric, taken apart. */
export interface WideMetrics {
  readonly mapping: Mapping;
  readonly time: RawColumn;
  readonly measures: readonly Measure[];
}

/** Rows of a sample that are looked at. */
const sampledRowsMax = 200;
const made = {
  time: { name: "measure_time", type: "TIMESTAMP WITH TIME ZONE" },
  service: { name: "measure_service", type: "VARCHAR" },
  metric: { name: "measure_name", type: "VARCHAR" },
  value: { name: "measure_value", type: "VARCHAR" },
} as const satisfies Record<string, RawColumn>;

/**
 * A table that has times and no column of values holds a metric in each column of numbers, as
 * `time, carts_cpu, carts_mem, user_cpu`. Columns of text are labels, unless they name rows. Null
 * where this is no such table.
 */
export function wideMetrics(
  mapping: Mapping,
  columns: readonly RawColumn[],
  sample: readonly string[],
  { format, delimiter }: { format: CaptureFile["format"]; delimiter: string },
): WideMetrics | null {
  const name = mapping.of.get("metric");
  // Beside columns of measures, a plain name is the name of whom they measure.
  const owner = mapping.of.get("service") ?? name;
  const isLong = mapping.of.has("value") || (name !== undefined && name !== owner);
  const isNamed = name === undefined || name.name.toLowerCase() === "name";
  const time = mapping.of.get("timestamp");
  if (!time || isLong || !isNamed) return null;
  const rows = sample.slice(0, sampledRowsMax + 1).flatMap(rowReader(format, columns, delimiter));
  const parts = mapping.rest.map((column) => ({ column, kind: kindOf(column, rows) }));
  const found = parts.filter(({ kind }) => kind === "measure").map(({ column }) => column);
  if (found.length === 0) return null;
  const of = new Map(mapping.of);
  const owners = ownersOf(owner ? [] : found.map((column) => column.name));
  of.set("service", owner ?? made.service)
    .set("metric", made.metric)
    .set("value", made.value);
  const rest = parts.filter(({ kind }) => kind === "label").map(({ column }) => column);
  return {
    mapping: { of, rest, missing: [] },
    time,
    measures: found.map((column) => {
      const split = owners.get(column.name);
      const metric = split?.measure ?? column.name;
      return { column, metric, service: split?.owner ?? null };
    }),
  };
}

type Row = Readonly<Record<string, unknown>>;

function rowReader(
  format: CaptureFile["format"],
  columns: readonly RawColumn[],
  delimiter: string,
) {
  return (line: string, at: number): Row[] => {
    if (format === "csv") {
      const cells = at === 0 ? [] : cellsOf(line, delimiter);
      return cells.length > 0
        ? [Object.fromEntries(columns.map(({ name }, index) => [name, cells[index]]))]
        : [];
    }
    try {
      const row: unknown = JSON.parse(line);
      return typeof row === "object" && row !== null ? [row as Row] : [];
    } catch {
      return [];
    }
  };
}

/** What a column is, by its type or by what a sample of it holds. */
function kindOf({ name, type }: RawColumn, rows: readonly Row[]): "measure" | "label" | "unused" {
  if (isTimeName(name) || /^(TIMESTAMP|DATE|TIME)\b/.test(type)) return "unused";
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)\b/.test(type)) return "measure";
  // Of Parquet there is no sample, and its types tell.
  if (rows.length === 0) return "label";
  const cells = rows.map((row) => row[name] ?? "").filter((cell) => cell !== "");
  // A number with a decimal comma is a value that cannot be read, and no label.
  const texts = cells.filter((cell) => !Number.isFinite(Number(String(cell).replace(",", "."))));
  if (2 * texts.length <= cells.length) return "measure";
  const namesRows = cells.length > 2 && new Set(cells).size === cells.length;
  return namesRows ? "unused" : "label";
}

/** What says by its first word what is measured, and not on whom. */
const measured =
  /^(?:cpu|gpu|mem|memory|disk|diskio|fs|io|net|network|tcp|udp|latency|load|errors?|requests?|request|response|node|process|container|system|host|http|grpc|istio|kube|jvm|go|aws)(?:[-_./|:]|$)/i;

/**
 * Names of services by measures: the part before a separator is a service where it has several
 * measures, and others have one of them too. Names that are not built so are left out.
 */
function ownersOf(names: readonly string[]): ReadonlyMap<string, Split> {
  const splits = names.map((name) => splitsOf(name));
  const measuresOf = Map.groupBy(splits.flat(), (split) => split.owner);
  const ownersWith = Map.groupBy(splits.flat(), (split) => split.measure);
  const found = new Map<string, Split>();
  for (const [at, name] of names.entries()) {
    const shared = (splits[at] ?? [])
      .map((split) => ({ ...split, others: ownersWith.get(split.measure)?.length ?? 0 }))
      .filter(({ owner, others }) => others > 1 && (measuresOf.get(owner)?.length ?? 0) > 1)
      .sort((a, b) => b.others - a.others || a.owner.length - b.owner.length);
    if (shared[0]) found.set(name, shared[0]);
  }
  const owners = new Set([...found.values()].map(({ owner }) => owner));
  for (const [at, name] of names.entries()) {
    const known = splits[at]?.find(({ owner }) => owners.has(owner));
    if (known && !found.has(name)) found.set(name, known);
  }
  return found;
}

interface Split {
  readonly owner: string;
  readonly measure: string;
}

function splitsOf(name: string): readonly Split[] {
  return [...name.matchAll(/[_/|:.]+/g)]
    .map(({ index, 0: separator }) => ({
      owner: name.slice(0, index),
      measure: name.slice(index + separator.length),
    }))
    .filter(({ owner, measure }) => owner !== "" && measure !== "" && !measured.test(owner));
}

/**
 * The rows of a wide table's reader, one for each cell that is filled. A line without a possible
 * time is kept once, so that it is counted once.
 */
export function unpivoted(reader: string, { measures, time }: WideMetrics): string {
  const list = (of: (measure: Measure) => string) => `[${measures.map(of).join(", ")}]`;
  // Words of constants only, which the engine works out once.
  const service = ({ column, service: told }: Measure) =>
    told === null ? `service_of_metric(NULL::JSON, ${quoted(column.name)})` : quoted(told);
  return `(SELECT * FROM (SELECT *,
    unnest(${list(service)}) AS ${made.service.name},
    unnest(range(${measures.length})) AS measure_at,
    unnest(${list(({ metric }) => quoted(metric))}) AS ${made.metric.name},
    unnest(${list(({ column }) => cellOf(column))}) AS ${made.value.name}
    FROM (SELECT *, ${timeOf(time)} AS ${made.time.name} FROM ${reader}))
  WHERE CASE WHEN is_possible_time(${made.time.name}) THEN ${made.value.name} IS NOT NULL
    ELSE measure_at = 0 END)`;
}

function cellOf({ name, type }: RawColumn): string {
  if (type === "JSON") return `${named(name)} ->> '$'`;
  return type === "VARCHAR" ? named(name) : `CAST(${named(name)} AS VARCHAR)`;
}
