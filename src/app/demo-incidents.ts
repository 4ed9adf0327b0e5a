import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package-root.ts";

/** The recordings that ship with Shodo, in order of their names. */
export function demoIncidents(): { name: string; folder: string; title: string }[] {
  const root = join(packageRoot, "examples", "incidents");
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort()
    .flatMap((name) => {
      const folder = join(root, name);
      const path = join(folder, "incident.json");
      if (!existsSync(path)) return [];
      const { title } = JSON.parse(readFileSync(path, "utf8")) as { title?: string };
      return [{ name, folder, title: title ?? name }];
    });
}
