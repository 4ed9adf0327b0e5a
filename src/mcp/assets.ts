import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Folder of the package: the sources' root, or that of the installed package. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) {
    const above = dirname(folder);
    if (above === folder) throw new Error("no package.json above this file");
    folder = above;
  }
  return folder;
}

/** Text of a file that ships with the package. */
export function packageText(...path: readonly string[]): string {
  return readFileSync(join(packageRoot(), ...path), "utf8");
}
