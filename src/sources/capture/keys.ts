import { texts } from "../../core/frame.ts";
import { jsonlType, type RawColumn } from "./columns.ts";
import { quoted } from "./duck-sql.ts";
import { type Engine, QueryStopped, type Stop } from "./engine.ts";
import { type CaptureFile, lineBytesMax, type TableName } from "./files.ts";
import type { Sample } from "./sample.ts";

/** Where the columns of a table's files are looked up. */
export interface KeyScope {
  readonly engine: Engine;
  readonly table: TableName;
  readonly stop: Stop;
}

/**
 * The keys of a file's objects. Where looks into the file show keys that its start has not, or show
 * nothing, every line is asked for its keys.
 */
export async function jsonlColumns(
  { engine, table, stop }: KeyScope,
  file: CaptureFile,
  sample: Sample,
): Promise<RawColumn[]> {
  const names = new Map<string, string>();
  const found =
    sample.isBlind || sample.laterKeys.length > 0 ? await allKeys(engine, file, stop) : [];
  for (const key of [...sample.keys, ...sample.laterKeys, ...found]) {
    if (!names.has(key.toLowerCase())) names.set(key.toLowerCase(), key);
  }
  return [...names.values()].map((name) => ({ name, type: jsonlType(table, name) }));
}

/** Every key on the top level of a file; none where the engine cannot read it as a whole. */
async function allKeys(engine: Engine, file: CaptureFile, stop: Stop) {
  const compression = file.compression === "none" ? "uncompressed" : file.compression;
  const sql = `SELECT DISTINCT unnest(json_keys(json)) AS name
FROM read_ndjson_objects(${quoted(file.path)}, ignore_errors = true,
  maximum_object_size = ${lineBytesMax}, compression = '${compression}') ORDER BY name LIMIT ${keysMax}`;
  try {
    const found = await engine.query(sql, stop);
    return texts(found, "name").flatMap((name) => name ?? []);
  } catch (error) {
    if (error instanceof QueryStopped) throw error;
    // The census reads the file next, and says what is wrong with it.
    return [];
  }
}

/** Top-level keys of one file that are looked at. */
const keysMax = 2_000;
