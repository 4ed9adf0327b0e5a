import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type CaptureFile, plainBytes } from "./files.ts";

/** What a copy may take. */
const copyBytesMax = 2_000_000_000;

/**
 * A file that holds a JSON array, copied as JSON Lines into `directory`, the n-th entry on line n:
 * a reader of arrays gives up the whole file for one broken entry. Throws beyond 2 GB.
 */
export async function unrolledArray(file: CaptureFile, directory: string): Promise<CaptureFile> {
  const path = join(directory, `${file.name}.entries`);
  await pipeline(() => unrolled(plainBytes(file)), createWriteStream(path, { mode: 0o600 }));
  const { size } = await stat(path);
  return { ...file, path, compression: "none", bytes: size };
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const space = 0x20;
const newline = 0x0a;
const carriageReturn = 0x0d;
const opening = [0x5b, 0x7b];
const closing = [0x5d, 0x7d];

/** The same bytes, with line breaks between entries and nowhere else. */
async function* unrolled(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const turn = entryTurner();
  let total = 0;
  for await (const bytes of chunks) {
    total += bytes.length;
    if (total > copyBytesMax) throw new Error("it holds a JSON array of more than 2 GB");
    for (let at = 0; at < bytes.length; at++) bytes[at] = turn(bytes[at] as number);
    yield bytes;
  }
}

/**
 * Turns byte after byte: the outermost brackets go, and the commas between entries end a line. No
 * text goes over the end of a line: where one does, its entry is broken, and the next begins there.
 */
function entryTurner(): (byte: number) => number {
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  const endLine = () => {
    if (!isText) return space;
    isText = false;
    depth = 1;
    return newline;
  };
  const inText = (byte: number) => {
    isText = byte !== quote || isEscaped;
    isEscaped = byte === backslash && !isEscaped;
    return byte;
  };
  const outside = (byte: number) => {
    isText = byte === quote;
    if (opening.includes(byte)) {
      depth += 1;
      return depth === 1 ? space : byte;
    }
    if (closing.includes(byte)) depth -= 1;
    const isEnd = closing.includes(byte) ? depth === 0 : byte === comma && depth === 1;
    return isEnd ? newline : byte;
  };
  return (byte) => {
    if (byte === newline || byte === carriageReturn) return endLine();
    return isText ? inText(byte) : outside(byte);
  };
}
