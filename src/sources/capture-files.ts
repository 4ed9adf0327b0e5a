import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

export const tableNames = ["metrics", "logs", "spans", "changes"] as const;
export type TableName = (typeof tableNames)[number];

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
}

const otlpPattern = /\.otlp\.(?:jsonl|ndjson|json)(\.gz|\.zst)?$/i;
const tablePattern =
  /^(metrics|logs|spans|traces|changes)(?:[-_.].*)?\.(csv|jsonl|ndjson|parquet)(\.gz|\.zst)?$/i;

/** The telemetry files of a folder, by name. `truth.json` and everything else is left alone. */
export async function findCaptureFiles(folder: string): Promise<readonly CaptureFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: CaptureFile[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) continue;
    const kind = kindOf(entry.name);
    if (!kind) continue;
    const path = join(folder, entry.name);
    files.push({ path, name: entry.name, bytes: (await stat(path)).size, ...kind });
  }
  return files;
}

function kindOf(name: string): Pick<CaptureFile, "table" | "format" | "compression"> | null {
  const otlp = otlpPattern.exec(name);
  if (otlp) return { table: null, format: "otlp", compression: compressionOf(otlp[1]) };
  const plain = tablePattern.exec(name);
  if (!plain) return null;
  const word = plain[1]?.toLowerCase();
  const ending = plain[2]?.toLowerCase();
  return {
    table: word === "traces" ? "spans" : (word as TableName),
    format: ending === "ndjson" ? "jsonl" : (ending as "csv" | "jsonl" | "parquet"),
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

const sampleBytes = 262_144;

/** Some lines of a text file. */
export interface Sample {
  readonly lines: readonly string[];
  /** Whether it begins with a byte order mark. */
  readonly hasMark: boolean;
}

/**
 * Whole lines from the start of a file, and from its end where it is not compressed: enough to see
 * which columns it has. A file that cannot be unpacked gives the lines up to the fault.
 */
export async function sampleLines(file: CaptureFile): Promise<Sample> {
  const head = await firstBytes(plainBytes(file, { end: sampleBytes - 1 }), sampleBytes);
  const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const all = linesOf(head);
  const lines = head.length < sampleBytes ? all : all.slice(0, Math.max(1, all.length - 1));
  if (file.bytes <= sampleBytes || file.compression !== "none") return { lines, hasMark };
  const tail = await firstBytes(plainBytes(file, { start: file.bytes - sampleBytes }), sampleBytes);
  return { lines: [...lines, ...linesOf(tail).slice(1)], hasMark };
}

async function firstBytes(stream: Readable, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of stream) {
      parts.push(part as Buffer);
      length += (part as Buffer).length;
      if (length >= most) break;
    }
  } catch {
    // What was unpacked before the fault is still a sample; reading the file reports the fault.
  } finally {
    stream.destroy();
  }
  return Buffer.concat(parts).subarray(0, most);
}

function linesOf(bytes: Buffer): string[] {
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}
