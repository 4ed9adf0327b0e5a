import type { ColumnInfo } from "@aws-sdk/client-athena";
import type { Column, Frame } from "../../core/frame.ts";

/** Rows of GetQueryResults: text, or null, per column. */
export type AthenaRow = readonly (string | null)[];

/** Text of Athena as columns of their types: numbers, times in UTC, JSON for nested values. */
export function athenaFrame(columns: readonly ColumnInfo[], rows: readonly AthenaRow[]): Frame {
  return {
    length: rows.length,
    columns: columns.map((info, at) =>
      columnOf(
        info.Name ?? `column${at}`,
        info.Type ?? "varchar",
        rows.map((row) => row[at] ?? null),
      ),
    ),
  };
}

const numberTypes = /^(tinyint|smallint|int|integer|bigint|float|real|double|decimal)\b/i;

function columnOf(name: string, type: string, values: readonly (string | null)[]): Column {
  if (numberTypes.test(type)) {
    return { name, type: "number", values: Float64Array.from(values, numberOf) };
  }
  if (/^(timestamp|date\b)/i.test(type)) {
    return { name, type: "time", values: Float64Array.from(values, athenaTime) };
  }
  if (/^(array|map|row|struct|json)\b/i.test(type)) {
    return { name, type: "json", values: values.map(jsonOf) };
  }
  return { name, type: "text", values: [...values] };
}

function numberOf(value: string | null): number {
  return value === null || value === "" ? Number.NaN : Number(value);
}

/** `2026-03-01 10:00:00.000`, with a zone or without (UTC), or a date. */
export function athenaTime(value: string | null): number {
  if (value === null) return Number.NaN;
  const plain = value.replace(/ UTC$/, "Z").replace(" ", "T");
  return Date.parse(/Z$|[+-]\d\d:?\d\d$/.test(plain) || plain.length <= 10 ? plain : `${plain}Z`);
}

/** Athena writes nested values in its own way unless they were cast to JSON. */
function jsonOf(value: string | null): unknown {
  if (value === null) return null;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
