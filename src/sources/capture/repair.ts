import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type CaptureFile, lineBytesMax, plainBytes } from "./files.ts";
import type { MappedFile } from "./tables.ts";

/** The most that a repair copies. */
const copyBytesMax = 2_000_000_000;

/** A line that every reader counts as unreadable, so that what was left out is still counted. */
const stub = { csv: Buffer.from("\u0001\n"), jsonl: Buffer.from("{}\n") };

const newline = 0x0a;
const quote = 0x22;

/**
 * Copies a text file that the engine cannot read whole, line by line, into `directory`: lines that
 * are too long, hold control bytes or (CSV) leave a quote open become stubs; a byte order mark
 * goes; a compressed file is unpacked as far as it can be. Null when the file is too big for that.
 */
export async function repairFile(
  mapped: MappedFile,
  directory: string,
): Promise<MappedFile | null> {
  const { file } = mapped;
  if (file.format === "parquet" || file.bytes > copyBytesMax) return null;
  const readPath = join(directory, `${mapped.table}-${file.name}.repaired`);
  const isCsv = file.format === "csv";
  await pipeline(
    () => goodLines(file, isCsv),
    createWriteStream(readPath, { mode: 0o600, highWaterMark: 1_048_576 }),
  );
  return { ...mapped, readPath, compression: "none" };
}

async function* goodLines(file: CaptureFile, isCsv: boolean): AsyncGenerator<Buffer> {
  const bad = isCsv ? stub.csv : stub.jsonl;
  let isFirst = true;
  let total = 0;
  for await (const line of linesOf(file)) {
    total += line === null ? 0 : line.length;
    if (total > copyBytesMax) return;
    const clean = line && isFirst ? withoutMark(line) : line;
    isFirst = false;
    if (clean?.length === 1) continue;
    yield clean && isClean(clean, isCsv) ? clean : bad;
  }
}

/** Lines with their newline; null for one that is too long. Ends early where unpacking breaks. */
async function* linesOf(file: CaptureFile): AsyncGenerator<Buffer | null> {
  let rest: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of plainBytes(file)) {
      let bytes = chunk as Buffer;
      for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline)) {
        const isLong = length + end > lineBytesMax;
        yield isLong ? null : Buffer.concat([...rest, bytes.subarray(0, end + 1)]);
        rest = [];
        length = 0;
        bytes = bytes.subarray(end + 1);
      }
      length += bytes.length;
      if (length <= lineBytesMax) rest.push(bytes);
    }
  } catch {
    // Unpacking broke: what came before it is kept, and the fault search says that it was cut.
  }
  if (length > 0) {
    yield length > lineBytesMax ? null : Buffer.concat([...rest, Buffer.from("\n")]);
  }
}

function withoutMark(line: Buffer): Buffer {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line;
}

function isClean(line: Buffer, isCsv: boolean): boolean {
  let quotes = 0;
  for (const byte of line) {
    if (byte < 0x20 && byte !== newline && byte !== 0x09 && byte !== 0x0d) return false;
    if (byte === quote) quotes += 1;
  }
  return !isCsv || (quotes % 2 === 0 && isUtf8(line));
}

function isUtf8(line: Buffer): boolean {
  try {
    strict.decode(line);
    return true;
  } catch {
    return false;
  }
}

const strict = new TextDecoder("utf-8", { fatal: true });
