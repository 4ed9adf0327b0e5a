import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Folder of Shodo's package.json: where prompts, runbooks and recordings lie, built or not. */
export const packageRoot: string = findRoot(import.meta.dirname);

/** Version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(join(packageRoot, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("package.json of shodo is missing");
  return findRoot(parent);
}
