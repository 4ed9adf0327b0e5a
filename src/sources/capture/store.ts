import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame } from "../../core/frame.ts";
import type { Gap } from "../../core/outcome.ts";
import { type Census, type CensusScope, censusFrom, takeCensus, viewStatements } from "./census.ts";
import { type Engine, openEngine, QueryStopped, type Stop } from "./engine.ts";
import { type CaptureFile, findCaptureFiles, type TableName } from "./files.ts";
import { otlpField } from "./otlp.ts";
import { sampleLines } from "./sample.ts";
import { type CaptureTable, fileGap, filledColumns, type MappedFile, mapFile } from "./tables.ts";

/** The tables of one capture, each opened at its first use. */
export interface CaptureStore {
  readonly folder: string;
  readonly files: readonly CaptureFile[];
  readonly engine: Engine;
  table(name: TableName, stop: Stop): Promise<CaptureTable>;
  /**
   * Opens a table with a query that counts its faults on the way, so that a large file is read
   * once. Null when the table is open already or has to be opened by a census of its own.
   */
  ride<Value>(name: TableName, stop: Stop, work: Ride<Value>): Promise<Value | null>;
  /** Makes a derived table once, and keeps what was left out of it; later calls wait for the first. */
  derive(name: string, make: () => Promise<readonly Gap[]>): Promise<readonly Gap[]>;
  /** What was left out of a derived table. */
  leftOut(name: string): Promise<readonly Gap[]>;
  /** Whether a derived table is there, so that no file is read for it again. */
  isDerived(name: string): boolean;
  close(): Promise<void>;
}

/** Runs over the table's views; `census` has the columns of a census, or is null without one. */
export type Ride<Value> = (
  files: readonly MappedFile[],
) => Promise<{ value: Value; census: Frame | null }>;

/** Finds the files of a folder, and starts an engine that is locked to them. */
export async function openStore(folder: string): Promise<CaptureStore> {
  const { engine, files } = await started(folder);
  const repairDirectory = await mkdtemp(join(tmpdir(), "shodo-"));
  await engine.lock(
    files.filter((file) => !file.fault).map((file) => file.path),
    repairDirectory,
  );
  const tables = new Map<TableName, Promise<CaptureTable>>();
  const derived = new Map<string, Promise<readonly Gap[]>>();
  return {
    folder,
    files,
    engine,
    table: (name, stop) =>
      once(tables, name, () =>
        openTable({ engine, table: name, repairDirectory, stop }, filesOf(files, name)),
      ),
    async ride(name, stop, work) {
      if (tables.has(name)) return null;
      const scope = { engine, table: name, repairDirectory, stop };
      const ridden = await rideAlong(scope, filesOf(files, name), work, (opening) => {
        void remember(tables, name, opening);
      });
      return ridden;
    },
    derive: (name, make) => once(derived, name, make),
    leftOut: async (name) => (await derived.get(name)) ?? [],
    isDerived: (name) => derived.has(name),
    async close() {
      await engine.close();
      await rm(repairDirectory, { recursive: true, force: true });
    },
  };
}

/** The engine starts on another thread, so that the files are looked at meanwhile. */
async function started(folder: string) {
  const [engine, files] = await Promise.allSettled([openEngine(), lookedAt(folder)]);
  if (engine.status === "rejected") throw engine.reason;
  if (files.status === "fulfilled") return { engine: engine.value, files: files.value };
  await engine.value.close();
  throw files.reason;
}

/** Most folders hold no more; of others the rest is looked at when it is asked for. */
const filesAheadMax = 16;

async function lookedAt(folder: string): Promise<readonly CaptureFile[]> {
  const files = await findCaptureFiles(folder);
  const texts = files.filter((file) => !file.fault && file.format !== "parquet");
  // A fault is said by whoever asks for the table.
  await Promise.allSettled(texts.slice(0, filesAheadMax).map(sampleLines));
  return files;
}

function filesOf(files: readonly CaptureFile[], table: TableName): readonly CaptureFile[] {
  return files.filter(
    (file) => file.table === table || (file.format === "otlp" && otlpField[table]),
  );
}

/** Remembers a success; a failure is tried again by the next caller. */
function once<Key, Value>(
  kept: Map<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = kept.get(key);
  if (known) return known;
  return remember(kept, key, make());
}

function remember<Key, Value>(
  kept: Map<Key, Promise<Value>>,
  key: Key,
  made: Promise<Value>,
): Promise<Value> {
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  return made;
}

async function openTable(
  scope: CensusScope,
  candidates: readonly CaptureFile[],
): Promise<CaptureTable> {
  const found = await lookAt(scope, candidates);
  if (found.state) return tableOf(scope.table, found, found.state, null);
  return tableFrom(scope.table, found, await takeCensus(scope, found.mapped));
}

/** Opens a table by `work`, falling back to a census where that breaks or counts nothing. */
async function rideAlong<Value>(
  scope: CensusScope,
  candidates: readonly CaptureFile[],
  work: Ride<Value>,
  keep: (opening: Promise<CaptureTable>) => void,
): Promise<Value | null> {
  let value: Value | null = null;
  const opening = (async () => {
    const found = await lookAt(scope, candidates);
    if (found.state) return tableOf(scope.table, found, found.state, null);
    const canRide = found.mapped.every((one) => one.file.format !== "csv" && !one.hasMark);
    if (canRide && found.mapped.length > 0) {
      try {
        await scope.engine.execute(viewStatements(scope.table, found.mapped), scope.stop);
        const ridden = await work(found.mapped);
        if (ridden.census) {
          value = ridden.value;
          const census = await censusFrom(scope, found.mapped, [], ridden.census);
          return tableFrom(scope.table, found, census);
        }
      } catch (error) {
        if (error instanceof QueryStopped) throw error;
      }
    }
    return tableFrom(scope.table, found, await takeCensus(scope, found.mapped));
  })();
  keep(opening);
  await opening;
  return value;
}

interface Look {
  readonly files: readonly CaptureFile[];
  readonly mapped: readonly MappedFile[];
  readonly gaps: readonly Gap[];
  /** Set when there is nothing to read. */
  readonly state: "absent" | "blank" | null;
}

async function lookAt(scope: CensusScope, candidates: readonly CaptureFile[]): Promise<Look> {
  const files: CaptureFile[] = [];
  const mapped: MappedFile[] = [];
  const gaps: Gap[] = [];
  let isBlank = true;
  for (const file of candidates) {
    const found = await mapFile(scope, file);
    if ("why" in found && found.isOther) continue;
    files.push(file);
    if ("mapping" in found) mapped.push(found);
    else gaps.push(fileGap(scope.table, file.name, found.why, unused));
    isBlank &&= "why" in found && found.isBlank === true;
  }
  return { files, mapped, gaps, state: files.length === 0 ? "absent" : isBlank ? "blank" : null };
}

function tableFrom(name: TableName, look: Look, census: Census): CaptureTable {
  return tableOf(name, look, census.readable.length === 0 ? "unusable" : "ready", census);
}

function tableOf(
  name: TableName,
  look: Look,
  state: CaptureTable["state"],
  census: Census | null,
): CaptureTable {
  const broken = census?.broken ?? [];
  const columns = filledColumns(census?.readable ?? []);
  return {
    name,
    state,
    files: look.files,
    bytes: look.files.reduce((sum, file) => sum + file.bytes, 0),
    rows: census?.rows ?? 0,
    firstAt: census?.firstAt ?? Number.NaN,
    lastAt: census?.lastAt ?? Number.NaN,
    hasAttributes: columns.has("attributes"),
    columns,
    gaps: [
      ...look.gaps,
      ...broken.map(({ file, why }) => fileGap(name, file.name, why, unused)),
      ...(census?.gaps ?? []),
    ],
  };
}

const unused = "nothing in this file was used";
