import { constants } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { type Options, textOption } from "./command.ts";

/**
 * Makes sure that `--out` and `--save-transcript` can be written, before the work whose result they
 * are to hold. Throws `UserError`.
 */
export async function prepareOutputs(options: Options): Promise<void> {
  const out = textOption(options, "out");
  if (out !== undefined) {
    await makeFolder(resolve(out)).catch((cause: unknown) => {
      throw new UserError(cannotWrite("--out", out, cause), { cause });
    });
  }
  const transcript = textOption(options, "saveTranscript");
  if (transcript !== undefined) {
    await access(dirname(resolve(transcript)), constants.W_OK).catch((cause: unknown) => {
      throw new UserError(cannotWrite("--save-transcript", transcript, cause), { cause });
    });
  }
}

/**
 * Makes a folder and those above it. Node's own recursive way tries for ever where a folder exists
 * but takes no new ones, as `/proc` does.
 */
async function makeFolder(path: string): Promise<void> {
  const isFolder = (await stat(path).catch(() => null))?.isDirectory() === true;
  if (isFolder) return;
  const above = dirname(path);
  if (above !== path) await makeFolder(above);
  await mkdir(path);
}

/** One sentence: which option, which path, and what the file system says. */
export function cannotWrite(option: string, path: string, cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return `${option} "${path}" cannot be written: ${reasons[code] ?? (code || "unknown fault")}.`;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "access is denied",
  EEXIST: "a file of that name is in the way",
  EISDIR: "it is a folder",
  ENOENT: "there is no such folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a file is in the way",
  EPERM: "access is denied",
  EROFS: "the file system is read-only",
};
