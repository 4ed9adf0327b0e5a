import { createInterface } from "node:readline";
import { plainBytes } from "./capture-files.ts";
import type { MappedFile } from "./capture-tables.ts";

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

/** One clause per kind of fault: how many, and the first line numbers. Empty without faults. */
export async function describeFaults(file: MappedFile, counts: FaultCounts): Promise<string> {
  const kinds = (Object.keys(wording) as FaultKind[]).filter((kind) => counts[kind] > 0);
  if (kinds.length === 0) return "";
  const lines = file.file.format === "parquet" ? null : await linesWithFaults(file, kinds);
  return kinds
    .map((kind) => {
      const total = counts[kind];
      const unit = file.file.format === "parquet" ? "row" : "line";
      const subject = `${total} ${unit}${total === 1 ? "" : "s"}`;
      const clause = kind === "unreadable" ? wording[kind] : `with ${wording[kind]}`;
      return `${subject} ${clause}${placesOf(lines?.[kind] ?? [], total)}`;
    })
    .join("; ");
}

function placesOf(lines: readonly number[], total: number): string {
  if (lines.length === 0) return "";
  const more = total > lines.length ? ", …" : "";
  return ` (line ${lines.join(", ")}${more})`;
}

type FaultLines = Record<FaultKind, number[]>;

/** Line numbers of the first faults, found by reading the file again from its start. */
async function linesWithFaults(file: MappedFile, kinds: readonly FaultKind[]): Promise<FaultLines> {
  const found: FaultLines = { unreadable: [], badTime: [], badValue: [] };
  const stream = plainBytes(file.file);
  const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  const judge = judgeOf(file);
  let number = 0;
  let bytes = 0;
  try {
    for await (const line of reader) {
      number += 1;
      bytes += line.length + 1;
      const kind = judge(line, number);
      if (kind && found[kind].length < search.linesMax) found[kind].push(number);
      const isDone = kinds.every((k) => found[k].length >= search.linesMax);
      if (isDone || bytes > search.bytesMax) break;
    }
  } catch {
    // A file that cannot be unpacked to its end still gives the lines before the fault.
  } finally {
    reader.close();
    stream.destroy();
  }
  return found;
}

function judgeOf(file: MappedFile): (line: string, number: number) => FaultKind | null {
  const time = file.mapping.of.get("timestamp") ?? file.mapping.of.get("start");
  const values = ["value", "duration_ms"]
    .map((name) => file.mapping.of.get(name)?.name)
    .filter((name) => name !== undefined);
  const judge = (row: Readonly<Record<string, unknown>> | null): FaultKind | null => {
    if (!row) return "unreadable";
    if (time && !isPossibleTime(row[time.name])) return "badTime";
    return values.every((name) => isNumber(row[name])) ? null : "badValue";
  };
  if (file.file.format !== "csv") {
    return (line) => (line.trim() === "" ? null : judge(objectOf(line.replace(/^\uFEFF/, ""))));
  }
  const names = file.columns.map((column) => column.name);
  return (line, number) => {
    if (number === 1 || line.trim() === "") return null;
    const cells = cellsOf(line, file.delimiter);
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

function isPossibleTime(value: unknown): boolean {
  const text = String(value ?? "").trim();
  const number = Number(text);
  if (text !== "" && Number.isFinite(number)) return number > 3.1e8 && number < 7.3e18;
  const at = Date.parse(text.replace(" ", "T"));
  return at >= Date.UTC(1980, 0, 1) && at < Date.UTC(2200, 0, 1);
}

/** The cells of one CSV line; quotes doubled inside quotes. */
function cellsOf(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string;
    if (char === '"' && quoted && line[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (char === '"') quoted = !quoted;
    else if (char === delimiter && !quoted) {
      cells.push(cell);
      cell = "";
    } else cell += char;
  }
  return [...cells, cell];
}
