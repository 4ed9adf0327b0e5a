import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { type CaptureFile, plainBytes } from "./files.ts";

/** The start of a file, and how many looks of what size are taken at the rest of it. */
const sampling = { startBytes: 262_144, looks: 48, lookBytes: 32_768 } as const;

/** What looks at a text file show. */
export interface Sample {
  /** Whole lines from its start. */
  readonly lines: readonly string[];
  /** Of JSON Lines the keys of these lines' objects, in the order they are first met. */
  readonly keys: readonly string[];
  /** Keys that only looks have which are spread evenly over the rest of it, its end among them. */
  readonly laterKeys: readonly string[];
  /** It begins with a byte order mark. */
  readonly hasMark: boolean;
  /** What was not read may hold what no line here has: lines are long, or it is compressed. */
  readonly isBlind: boolean;
}

/**
 * Lines that show which columns a file has. A stretch of a fiftieth of the file is always met. A
 * file that cannot be unpacked gives the lines up to the fault. It is looked at once: who opens a
 * folder may begin before anybody asks.
 */
export function sampleLines(file: CaptureFile): Promise<Sample> {
  const known = samples.get(file);
  if (known) return known;
  const sample = lookAt(file);
  samples.set(file, sample);
  sample.catch(() => samples.delete(file));
  return sample;
}

const samples = new WeakMap<CaptureFile, Promise<Sample>>();

async function lookAt(file: CaptureFile): Promise<Sample> {
  const { startBytes } = sampling;
  const head = await firstBytes(plainBytes(file, { end: startBytes - 1 }), startBytes);
  const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const all = linesOf(head);
  const lines = head.length < startBytes ? all : all.slice(0, Math.max(1, all.length - 1));
  const names = new Map<string, string>();
  if (file.format === "jsonl") addKeys(names, lines);
  const start = { lines, keys: [...names.values()], laterKeys: [], hasMark };
  if (file.compression !== "none") return { ...start, isBlind: head.length === startBytes };
  if (file.bytes <= startBytes) return { ...start, isBlind: false };
  if (file.format !== "jsonl") return { ...start, isBlind: false };
  const { laterLines, isBlind } = await looksAt(file, startBytes);
  addKeys(names, laterLines);
  return { ...start, laterKeys: [...names.values()].slice(start.keys.length), isBlind };
}

/** Names that differ in case only are one column. */
function addKeys(names: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    for (const key of keysOf(line)) {
      const lower = key.toLowerCase();
      if (!names.has(lower)) names.set(lower, key);
    }
  }
}

/** The keys of the object that a line holds; none where it holds none. */
function keysOf(line: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(line);
    return value && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

/** Lines from looks at what follows the first `from` bytes; looks overlap where it is short. */
async function looksAt(file: CaptureFile, from: number) {
  const { looks, lookBytes } = sampling;
  const step = Math.max(lookBytes, Math.ceil((file.bytes - from) / looks));
  // The line that a look begins in is left out, so that it begins a little earlier.
  const early = lookBytes / 4;
  const laterLines: string[] = [];
  let isBlind = false;
  const handle = await open(file.path);
  try {
    for (let at = from; at < file.bytes; at += step) {
      const isLast = at + step >= file.bytes;
      const begin = (isLast ? Math.max(from, file.bytes - lookBytes) : at) - early;
      const length = Math.min(lookBytes + early, file.bytes - begin);
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, begin);
      const first = buffer.indexOf(0x0a) + 1;
      const end = isLast ? length : buffer.lastIndexOf(0x0a) + 1;
      if (first > 0 && end > first) laterLines.push(...linesOf(buffer.subarray(first, end)));
      else isBlind ||= first < length;
    }
  } finally {
    await handle.close();
  }
  return { laterLines, isBlind };
}

/** Which of the words occur in the file, read to its end unless all are found before. */
export async function wordsIn(
  file: CaptureFile,
  words: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const longest = Math.max(...words.map((word) => word.length));
  let tail = Buffer.alloc(0);
  const stream = plainBytes(file);
  try {
    for await (const part of stream) {
      const bytes = Buffer.concat([tail, part as Buffer]);
      for (const word of words) if (!found.has(word) && bytes.includes(word)) found.add(word);
      if (found.size === words.length) break;
      tail = Buffer.from(bytes.subarray(-longest));
    }
  } catch {
    // What was unpacked before the fault counts; reading the file reports the fault.
  } finally {
    stream.destroy();
  }
  return found;
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
