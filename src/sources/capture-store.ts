import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Gap } from "../core/outcome.ts";
import { type CensusScope, takeCensus } from "./capture-census.ts";
import type { Engine, Stop } from "./capture-engine.ts";
import { type CaptureFile, findCaptureFiles, type TableName } from "./capture-files.ts";
import { otlpField } from "./capture-otlp.ts";
import { type CaptureTable, fileGap, type MappedFile, mapFile } from "./capture-tables.ts";

/** The tables of one capture, each opened at its first use. */
export interface CaptureStore {
  readonly folder: string;
  readonly files: readonly CaptureFile[];
  readonly engine: Engine;
  table(name: TableName, stop: Stop): Promise<CaptureTable>;
  /** Makes a derived table once; later calls wait for the first. */
  derive(name: string, make: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Finds the files of a folder and locks the engine to them. */
export async function openStore(folder: string, engine: Engine): Promise<CaptureStore> {
  const files = await findCaptureFiles(folder);
  const repairDirectory = await mkdtemp(join(tmpdir(), "shodo-"));
  await engine.lock(
    files.map((file) => file.path),
    repairDirectory,
  );
  const tables = new Map<TableName, Promise<CaptureTable>>();
  const derived = new Map<string, Promise<void>>();
  return {
    folder,
    files,
    engine,
    table: (name, stop) =>
      once(tables, name, () =>
        openTable({ engine, table: name, repairDirectory, stop }, filesOf(files, name)),
      ),
    derive: (name, make) => once(derived, name, make),
    async close() {
      await engine.close();
      await rm(repairDirectory, { recursive: true, force: true });
    },
  };
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
  const made = make();
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  return made;
}

async function openTable(
  scope: CensusScope,
  candidates: readonly CaptureFile[],
): Promise<CaptureTable> {
  const { table: name } = scope;
  const gaps: Gap[] = [];
  const mapped: MappedFile[] = [];
  let isBlank = true;
  const files: CaptureFile[] = [];
  for (const file of candidates) {
    const found = await mapFile(scope.engine, name, file);
    if ("why" in found && found.isOther) continue;
    files.push(file);
    if ("mapping" in found) mapped.push(found);
    else gaps.push(fileGap(name, file.name, found.why, unused));
    isBlank &&= "why" in found && found.isBlank === true;
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const base = { name, files, bytes, rows: 0, firstAt: Number.NaN, lastAt: Number.NaN };
  if (files.length === 0) return { ...base, state: "absent", hasAttributes: false, gaps };
  if (isBlank) return { ...base, state: "blank", hasAttributes: false, gaps };
  const census = await takeCensus(scope, mapped);
  gaps.push(...census.broken.map(({ file, why }) => fileGap(name, file.name, why, unused)));
  gaps.push(...census.gaps);
  const isUnusable = census.readable.length === 0;
  return {
    ...base,
    state: isUnusable ? "unusable" : "ready",
    rows: census.rows,
    firstAt: census.firstAt,
    lastAt: census.lastAt,
    hasAttributes: census.readable.some(
      (f) => f.mapping.of.has("attributes") || f.mapping.rest.length > 0,
    ),
    gaps,
  };
}

const unused = "nothing in this file was used";
