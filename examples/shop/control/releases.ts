import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const shopDir = join(import.meta.dirname, "..");
const modulesDir = join(shopDir, "../../node_modules");
const run = promisify(execFile);

/** Whole new texts of files of the shop, by path inside `examples/shop`. */
export type Edits = Record<string, string>;

/** Folder with a release: the shop's code with some files replaced, runnable on its own. */
export async function buildRelease(parent: string, edits: Edits): Promise<string> {
  const root = await mkdtemp(join(parent, "release-"));
  await cp(join(shopDir, "lib"), join(root, "lib"), { recursive: true });
  await cp(join(shopDir, "services"), join(root, "services"), { recursive: true });
  await symlink(modulesDir, join(root, "node_modules"));
  await writeFile(join(root, "package.json"), '{"type":"module"}\n');
  for (const [path, text] of Object.entries(edits)) await writeFile(join(root, path), text);
  return root;
}

export function shopFile(path: string): Promise<string> {
  return readFile(join(shopDir, path), "utf8");
}

/** Unified diff of one file, as `git diff` prints it. `null` for a text: the file is not there. */
export async function diffOf(
  path: string,
  was: string | null,
  now: string | null,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "shop-diff-"));
  try {
    for (const [side, text] of [
      ["a", was],
      ["b", now],
    ] as const) {
      await mkdir(dirname(join(folder, side, path)), { recursive: true });
      if (text !== null) await writeFile(join(folder, side, path), text);
    }
    const sides = [
      was === null ? "/dev/null" : `a/${path}`,
      now === null ? "/dev/null" : `b/${path}`,
    ];
    // `git diff --no-index` ends with code 1 when the files differ.
    const outcome = await run(
      "git",
      ["diff", "--no-index", "--no-color", "--no-prefix", ...sides],
      {
        cwd: folder,
      },
    ).catch((error: { code?: number; stdout?: string }) => {
      if (error.code === 1) return { stdout: error.stdout ?? "" };
      throw error;
    });
    return outcome.stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
