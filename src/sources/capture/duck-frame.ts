import type { DuckDBDataChunk, DuckDBListVector, DuckDBType, DuckDBVector } from "@duckdb/node-api";
import type { Column, Frame } from "../../core/frame.ts";

type Shape = "number" | "time" | "text" | "json";

const numeric = new Set([
  "TINYINT",
  "SMALLINT",
  "INTEGER",
  "BIGINT",
  "HUGEINT",
  "UTINYINT",
  "USMALLINT",
  "UINTEGER",
  "UBIGINT",
  "UHUGEINT",
  "FLOAT",
  "DOUBLE",
]);

/**
 * DuckDB's chunks as a frame: numbers and times as typed arrays, texts as strings, the rest JSON.
 */
export function frameFromChunks(
  names: readonly string[],
  types: readonly DuckDBType[],
  chunks: readonly DuckDBDataChunk[],
): Frame {
  const length = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const columns = names.map((name, index) =>
    columnOf(name, types[index] as DuckDBType, chunks, index, length),
  );
  return { columns, length };
}

function columnOf(
  name: string,
  type: DuckDBType,
  chunks: readonly DuckDBDataChunk[],
  index: number,
  length: number,
): Column {
  const shape = shapeOf(type);
  if (shape === "number" || shape === "time") {
    const values = new Float64Array(length);
    fillNumbers(values, chunks, index, shape === "time" ? timeOf : Number);
    return { name, type: shape, values };
  }
  const values: unknown[] = [];
  for (const chunk of chunks) values.push(...chunk.getColumnVector(index).toArray());
  if (shape === "text") return { name, type: "text", values: values.map(textOf) };
  return { name, type: "json", values: values.map(jsonOf) };
}

function shapeOf(type: DuckDBType): Shape {
  const name = String(type).split("(")[0] ?? "";
  if (numeric.has(name) || name === "DECIMAL") return "number";
  if (name.startsWith("TIMESTAMP") || name === "DATE") return "time";
  if (type.alias === "JSON") return "json";
  return ["VARCHAR", "BOOLEAN", "UUID", "TIME", "INTERVAL", "ENUM"].includes(name)
    ? "text"
    : "json";
}

function fillNumbers(
  out: Float64Array,
  chunks: readonly DuckDBDataChunk[],
  index: number,
  convert: (value: unknown) => number,
): void {
  let at = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(index);
    for (let row = 0; row < chunk.rowCount; row++) {
      const value = vector.getItem(row);
      out[at++] = value === null ? Number.NaN : convert(value);
    }
  }
}

/**
 * The numbers of a DOUBLE vector without a copy per value. The query must not give NULL: its slot
 * would hold anything.
 */
export function doublesOf(vector: DuckDBVector): Float64Array {
  const items: unknown = Reflect.get(vector, "items");
  if (items instanceof Float64Array) return items;
  return Float64Array.from(vector.toArray(), (value) =>
    value === null ? Number.NaN : Number(value),
  );
}

/**
 * The 64-bit whole numbers of a vector as pairs of signed halves, the lower first: as `bigint` each
 * would be an object. The query must not give NULL.
 */
export function halvesOf(vector: DuckDBVector): Int32Array {
  const items: unknown = Reflect.get(vector, "items");
  const whole =
    items instanceof BigInt64Array || items instanceof BigUint64Array
      ? items
      : BigInt64Array.from(vector.toArray(), (value) => BigInt.asIntN(64, BigInt(String(value))));
  return new Int32Array(whole.buffer, whole.byteOffset, whole.length * 2);
}

/** The items of all lists of a vector, and where those of one list stand among them. */
export function listsOf(vector: DuckDBVector): {
  readonly items: DuckDBVector;
  reach(row: number): readonly [from: number, to: number];
} {
  const lists = vector as DuckDBListVector;
  return {
    items: lists.childVector,
    reach(row) {
      const from = lists.getEntryOffset(row);
      return [from, from + lists.getEntryLength(row)];
    },
  };
}

function timeOf(value: unknown): number {
  const text = String(value).replace(" ", "T").replace(/\+00$/, "");
  return Date.parse(/Z$/.test(text) || text.length <= 10 ? text : `${text}Z`);
}

function textOf(value: unknown): string | null {
  return value === null ? null : String(value);
}

function jsonOf(value: unknown): unknown {
  if (typeof value !== "string") return value === null ? null : String(value);
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
