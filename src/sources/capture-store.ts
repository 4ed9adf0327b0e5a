import { emptyFrame, type Frame, numbers, texts } from "../core/frame.ts";
import type { Gap } from "../core/outcome.ts";
import { type Engine, QueryStopped, type Stop } from "./capture-engine.ts";
import { describeFaults } from "./capture-faults.ts";
import { type CaptureFile, findCaptureFiles, type TableName } from "./capture-files.ts";
import {
  type CaptureTable,
  censusStatements,
  fileGap,
  type MappedFile,
  mapFile,
  reasonOf,
  viewStatements,
} from "./capture-tables.ts";

/** The tables of one capture, each opened at its first use. */
export interface CaptureStore {
  readonly folder: string;
  readonly files: readonly CaptureFile[];
  readonly engine: Engine;
  table(name: TableName, stop: Stop): Promise<CaptureTable>;
  /** Makes a derived table once; later calls wait for the first. */
  derive(name: string, make: () => Promise<void>): Promise<void>;
}

/** Finds the files of a folder and locks the engine to them. */
export async function openStore(folder: string, engine: Engine): Promise<CaptureStore> {
  const files = await findCaptureFiles(folder);
  await engine.lock(files.map((file) => file.path));
  const tables = new Map<TableName, Promise<CaptureTable>>();
  const derived = new Map<string, Promise<void>>();
  return {
    folder,
    files,
    engine,
    table: (name, stop) =>
      once(tables, name, () => openTable(engine, name, filesOf(files, name), stop)),
    derive: (name, make) => once(derived, name, make),
  };
}

function filesOf(files: readonly CaptureFile[], table: TableName): readonly CaptureFile[] {
  return files.filter((file) => file.table === table);
}

/** Remembers a success; a failure is tried again by the next caller. */
function once<Key, Value>(
  kept: Map<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = kept.get(key);
  if (known) return known;
  const made = make();
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  return made;
}

async function openTable(
  engine: Engine,
  name: TableName,
  files: readonly CaptureFile[],
  stop: Stop,
): Promise<CaptureTable> {
  const gaps: Gap[] = [];
  const mapped: MappedFile[] = [];
  for (const file of files) {
    const found = await mapFile(engine, name, file);
    if ("mapping" in found) mapped.push(found);
    else gaps.push(fileGap(name, file.name, found.why, "nothing in this file was used"));
  }
  const base = { name, files, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
  const blank = { rows: 0, firstAt: Number.NaN, lastAt: Number.NaN, hasAttributes: false };
  if (files.length === 0) return { ...base, ...blank, state: "absent", gaps };
  const read = await censusOf(engine, name, mapped, stop);
  for (const { file, why } of read.broken) {
    gaps.push(fileGap(name, file.name, why, "nothing in this file was used"));
  }
  if (read.readable.length === 0) return { ...base, ...blank, state: "unusable", gaps };
  gaps.push(...(await faultGaps(name, read.readable, read.census)));
  return {
    ...base,
    state: "ready",
    rows: numbers(read.census, "usable").reduce((a, b) => a + b, 0),
    firstAt: least(numbers(read.census, "first_at")),
    lastAt: -least(numbers(read.census, "last_at").map((n) => -n)),
    hasAttributes: read.readable.some(
      (f) => f.mapping.of.has("attributes") || f.mapping.rest.length,
    ),
    gaps,
  };
}

function least(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length > 0 ? Math.min(...known) : Number.NaN;
}

interface Census {
  readonly readable: readonly MappedFile[];
  readonly broken: readonly { file: CaptureFile; why: string }[];
  readonly census: Frame;
}

/** Reads everything once; where that breaks, file by file, leaving out those that break it. */
async function censusOf(
  engine: Engine,
  name: TableName,
  mapped: readonly MappedFile[],
  stop: Stop,
): Promise<Census> {
  if (mapped.length === 0) return { readable: [], broken: [], census: emptyFrame };
  const readAll = async (files: readonly MappedFile[]) => {
    await engine.execute(viewStatements(name, files), stop);
    const [census, rejects] = await engine.queryAll(censusStatements(name, files), stop);
    return withRejects(census ?? emptyFrame, rejects ?? emptyFrame);
  };
  try {
    return { readable: mapped, broken: [], census: await readAll(mapped) };
  } catch (error) {
    if (error instanceof QueryStopped) throw error;
    if (mapped.length === 1) {
      const file = (mapped[0] as MappedFile).file;
      return { readable: [], broken: [{ file, why: reasonOf(error) }], census: emptyFrame };
    }
  }
  const readable: MappedFile[] = [];
  const broken: { file: CaptureFile; why: string }[] = [];
  for (const one of mapped) {
    const alone = await censusOf(engine, name, [one], stop);
    readable.push(...alone.readable);
    broken.push(...alone.broken);
  }
  const census = readable.length > 0 ? await readAll(readable) : emptyFrame;
  return { readable, broken, census };
}

/** Lines that the CSV reader threw out are missing from the rows; they are counted apart. */
function withRejects(census: Frame, rejects: Frame): Frame {
  const files = [...texts(census, "file")];
  const rejected = texts(rejects, "file");
  const extra = rejected.filter((file) => !files.includes(file));
  const length = census.length + extra.length;
  const columns = ["usable", "unreadable", "bad_time", "bad_value", "first_at", "last_at"].map(
    (name) => {
      const values = new Float64Array(length).fill(name.endsWith("_at") ? Number.NaN : 0);
      values.set(numbers(census, name));
      if (name === "unreadable") {
        for (const [row, file] of [...files, ...extra].entries()) {
          const at = rejected.indexOf(file);
          if (at >= 0) values[row] = (values[row] ?? 0) + (numbers(rejects, "lines")[at] ?? 0);
        }
      }
      return { name, type: "number" as const, values };
    },
  );
  return {
    columns: [...columns, { name: "file", type: "text", values: [...files, ...extra] }],
    length,
  };
}

async function faultGaps(
  name: TableName,
  files: readonly MappedFile[],
  census: Frame,
): Promise<Gap[]> {
  const gaps: Gap[] = [];
  const paths = texts(census, "file");
  for (const mapped of files) {
    const row = paths.indexOf(mapped.file.path);
    if (row < 0) continue;
    const count = (column: string) => numbers(census, column)[row] ?? 0;
    const why = await describeFaults(mapped, {
      unreadable: count("unreadable"),
      badTime: count("bad_time"),
      badValue: count("bad_value"),
    });
    if (why) gaps.push(fileGap(name, mapped.file.name, why, effectOf(count("usable"))));
  }
  return gaps;
}

function effectOf(usableRows: number): string {
  return usableRows === 0
    ? "nothing in this file was used"
    : `these rows are not counted; ${usableRows} others of the file are`;
}
