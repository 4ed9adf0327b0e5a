import { constants, createReadStream } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

export const tableNames = ["metrics", "logs", "spans", "changes"] as const;
export type TableName = (typeof tableNames)[number];

/**
 * Longest line of a text file: what gRPC takes as one message by default, so that no batch of an
 * OTLP exporter is longer. The engine reads pieces of twice this size, which threads must share
 * evenly and caches should hold: with 8 MB, a log of 200 MB took 5 % longer.
 */
export const lineBytesMax = 4_194_304;

/** One file of a capture that holds telemetry. */
export interface CaptureFile {
  readonly path: string;
  /** Name inside the folder; what gaps and provenance call it. */
  readonly name: string;
  /** null: an OTLP file, whose lines say themselves what they are. */
  readonly table: TableName | null;
  readonly format: "csv" | "jsonl" | "parquet" | "otlp";
  readonly compression: "none" | "gzip" | "zstd";
  readonly bytes: number;
  /** Why it cannot be opened at all, where that is so. */
  readonly fault?: string;
}

const otlpPattern = /\.otlp\.(?:jsonl|ndjson|json)(\.gz|\.zst)?$/i;
const tablePattern =
  /^(metrics|logs|spans|traces|changes)(?:[-_.].*)?\.(csv|tsv|jsonl|ndjson|json|parquet)(\.gz|\.zst)?$/i;

const formats: Readonly<Record<string, CaptureFile["format"]>> = {
  csv: "csv",
  tsv: "csv",
  parquet: "parquet",
};

/** The telemetry files of a folder, by name. `truth.json` and everything else is left alone. */
export async function findCaptureFiles(folder: string): Promise<readonly CaptureFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: CaptureFile[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const kind = kindOf(entry.name);
    if (!kind) continue;
    const path = join(folder, entry.name);
    files.push({ path, name: entry.name, ...kind, ...(await openness(path)) });
  }
  return files;
}

/** Size of a file, or why it is none that can be read: opening a pipe would wait for ever. */
async function openness(path: string): Promise<Pick<CaptureFile, "bytes" | "fault">> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return { bytes: 0, fault: "it is a folder, not a file" };
    if (!found.isFile()) return { bytes: 0, fault: "it is not an ordinary file" };
    await access(path, constants.R_OK);
    return { bytes: found.size };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT") return { bytes: 0, fault: "it is a link to a file that does not exist" };
    if (code === "EACCES") return { bytes: 0, fault: "this user may not read it" };
    return { bytes: 0, fault: `it cannot be opened (${code || "unknown reason"})` };
  }
}

function kindOf(name: string): Pick<CaptureFile, "table" | "format" | "compression"> | null {
  const otlp = otlpPattern.exec(name);
  if (otlp) return { table: null, format: "otlp", compression: compressionOf(otlp[1]) };
  const plain = tablePattern.exec(name);
  if (!plain) return null;
  const word = plain[1]?.toLowerCase();
  const ending = plain[2]?.toLowerCase() ?? "";
  return {
    table: word === "traces" ? "spans" : (word as TableName),
    format: formats[ending] ?? "jsonl",
    compression: compressionOf(plain[3]),
  };
}

function compressionOf(ending: string | undefined): CaptureFile["compression"] {
  if (ending?.toLowerCase() === ".gz") return "gzip";
  return ending ? "zstd" : "none";
}

/** The bytes of a file as they were before compression. */
export function plainBytes(
  file: CaptureFile,
  range: { start?: number; end?: number } = {},
): Readable {
  const raw = createReadStream(file.path, file.compression === "none" ? range : {});
  if (file.compression === "none") return raw;
  const unpack = file.compression === "gzip" ? createGunzip() : createZstdDecompress();
  raw.on("error", (error) => unpack.destroy(error));
  return raw.pipe(unpack);
}
