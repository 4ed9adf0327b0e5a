import { createInterface } from "node:readline";
import { cellsOf } from "./csv-cells.ts";
import { lineBytesMax, plainBytes } from "./files.ts";
import { type MappedFile, tellingColumns } from "./tables.ts";

/** Rows of a file that cannot be used, by what is wrong with them. */
export interface FaultCounts {
  readonly unreadable: number;
  readonly badTime: number;
  readonly badValue: number;
}

/** How far into a file, and for how many faults, line numbers are looked up. */
const search = { bytesMax: 256_000_000, linesMax: 3 } as const;

type FaultKind = keyof FaultCounts;
const wording: Record<FaultKind, string> = {
  unreadable: "cannot be read",
  badTime: "no time, or an impossible one",
  badValue: "a value that is missing, not a number or not possible",
};

/** Compressed files up to this size are unpacked once more, to see whether they were cut short. */
const verifyBytesMax = 8_000_000;

/** One clause per kind of fault: how many, and the first line numbers. Empty without faults. */
export async function describeFaults(file: MappedFile, counts: FaultCounts): Promise<string> {
  const kinds = (Object.keys(wording) as FaultKind[]).filter((kind) => counts[kind] > 0);
  const isDoubtful = file.file.compression !== "none" && file.file.bytes <= verifyBytesMax;
  if (kinds.length === 0 && !isDoubtful) return "";
  const found = file.file.format === "parquet" ? null : await linesWithFaults(file, kinds);
  const clauses = kinds.map((kind) => {
    const total = counts[kind];
    const unit = unitOf(file, kind);
    const subject = `${total} ${total === 1 ? unit : plural(unit)}`;
    const clause = kind === "unreadable" ? wording[kind] : `with ${wording[kind]}`;
    return `${subject} ${clause}${placesOf(file, found?.lines[kind] ?? [], total)}`;
  });
  if (found?.cutBy) clauses.push(`the file ends early and what followed is lost (${found.cutBy})`);
  return clauses.join("; ");
}

/** What is counted: a wide table has a value in each cell of a line. */
function unitOf({ file, wide, isArray }: MappedFile, kind: FaultKind): string {
  if (wide && kind === "badValue") return "cell";
  if (file.format === "parquet") return "row";
  return isArray ? "entry" : "line";
}

function plural(unit: string): string {
  return unit.endsWith("y") ? `${unit.slice(0, -1)}ies` : `${unit}s`;
}

function placesOf(file: MappedFile, lines: readonly number[], total: number): string {
  if (lines.length === 0) return "";
  const more = total > lines.length ? ", …" : "";
  return ` (${file.isArray ? "entry" : "line"} ${lines.join(", ")}${more})`;
}

type FaultLines = Record<FaultKind, number[]>;

/** Line numbers of the first faults, found by reading the file again from its start. */
async function linesWithFaults(
  file: MappedFile,
  kinds: readonly FaultKind[],
): Promise<{ lines: FaultLines; cutBy: string | null }> {
  const found: FaultLines = { unreadable: [], badTime: [], badValue: [] };
  const stream = plainBytes(file.file);
  const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  const judge = judgeOf(file);
  let number = 0;
  let bytes = 0;
  let cutBy: string | null = null;
  const isCompressed = file.file.compression !== "none";
  stream.on("error", (error) => {
    cutBy = error.message;
  });
  try {
    for await (const line of reader) {
      number += 1;
      bytes += line.length + 1;
      const kind = judge(line, number);
      if (kind && found[kind].length < search.linesMax) found[kind].push(number);
      const isDone = !isCompressed && kinds.every((k) => found[k].length >= search.linesMax);
      if (isDone || bytes > search.bytesMax) break;
    }
  } catch (error) {
    cutBy ??= error instanceof Error ? error.message : String(error);
  } finally {
    reader.close();
    stream.destroy();
  }
  return { lines: found, cutBy };
}

function judgeOf(file: MappedFile): (line: string, number: number) => FaultKind | null {
  const time = file.wide?.time ?? file.mapping.of.get("timestamp") ?? file.mapping.of.get("start");
  const value = file.mapping.of.get("value")?.name;
  const duration = file.mapping.of.get("duration_ms")?.name;
  const telling = tellingColumns(file);
  const judge = (row: Readonly<Record<string, unknown>> | null): FaultKind | null => {
    const isMute =
      telling.length > 0 && telling.every(({ name }) => (row?.[name] ?? null) === null);
    if (!row || isMute) return "unreadable";
    if (time && !isPossibleTime(row[time.name])) return "badTime";
    if (file.wide?.measures.some(({ column }) => isNoNumber(row[column.name]))) return "badValue";
    if (value !== undefined && !file.wide && !isNumber(row[value])) return "badValue";
    const isDuration = duration === undefined || isNumber(row[duration]);
    return isDuration && !(duration && Number(row[duration]) < 0) ? null : "badValue";
  };
  const isMarkHarmful = file.hasMark && file.readPath === file.file.path;
  if (file.file.format !== "csv") {
    return (line, number) => {
      if (line.trim() === "") return null;
      if (line.length > lineBytesMax) return "unreadable";
      return judge(objectOf(number === 1 && !isMarkHarmful ? line.replace(/^\uFEFF/, "") : line));
    };
  }
  const names = file.columns.map((column) => column.name);
  return (line, number) => {
    if (number === 1 || line.trim() === "") return null;
    const cells = line.length > 2_000_000 ? [] : cellsOf(line, file.delimiter);
    if (cells.length !== names.length) return "unreadable";
    return judge(Object.fromEntries(names.map((name, index) => [name, cells[index]])));
  };
}

function objectOf(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return value && typeof value === "object" && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function isNumber(value: unknown): boolean {
  return value !== null && value !== "" && Number.isFinite(Number(value));
}

/** Filled, and not with a number: a wide table has cells for what was not measured. */
function isNoNumber(cell: unknown): boolean {
  return cell !== undefined && cell !== null && cell !== "" && !isNumber(cell);
}

function isPossibleTime(value: unknown): boolean {
  const text = String(value ?? "").trim();
  const number = Number(text);
  if (text !== "" && Number.isFinite(number)) return number > 3.1e8 && number < 7.3e18;
  const at = Date.parse(text.replace(" ", "T"));
  return at >= Date.UTC(1980, 0, 1) && at < Date.UTC(2200, 0, 1);
}
