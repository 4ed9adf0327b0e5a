import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ConfigError } from "../core/errors.ts";
import { causeKinds } from "../core/hypothesis.ts";
import { changeKinds } from "../core/rows.ts";
import type { Runbook } from "../core/runbook.ts";

const runbooksMax = 500;
const runbookCharsMax = 100_000;

const frontMatterSchema = z.strictObject({
  title: z.string().min(1),
  causes: z.array(z.enum(causeKinds)).default([]),
  keywords: z.array(z.string().min(2)).default([]),
  services: z.array(z.string()).default([]),
  actions: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        command: z.string().min(1),
        blastRadius: z.string().min(1),
        rollback: z.string().min(1),
        undoes: z.array(z.enum(changeKinds)).default([]),
        approver: z.enum(["responder", "approver", "admin"]).default("approver"),
      }),
    )
    .default([]),
});

/**
 * A Markdown file with front matter as a runbook; a fault names the file, the key and what is
 * wrong.
 */
export function parseRunbook(file: string, text: string): Runbook {
  const name = basename(file).replace(/\.md$/, "");
  const match = /^---\r?\n(.*?)\r?\n---\r?\n?(.*)$/s.exec(text.slice(0, runbookCharsMax));
  if (!match)
    throw new ConfigError(`${file}: a runbook begins with front matter between "---" lines`);
  const front = frontMatterSchema.safeParse(readYaml(file, match[1] ?? ""));
  if (!front.success) {
    const faults = front.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new ConfigError(`${file}: ${faults.join("; ")}`);
  }
  return { name, ...front.data, body: (match[2] ?? "").trim() };
}

/**
 * Every runbook of the folders, by name; one in a later folder replaces one of the same name, so
 * that a team can overrule what ships. A missing folder is a fault, an empty one is not; every
 * faulty file is named at once.
 */
export async function loadRunbooks(folders: readonly string[]): Promise<Runbook[]> {
  const byName = new Map<string, Runbook>();
  const faults: string[] = [];
  for (const folder of folders) {
    const files = (await namesIn(folder)).filter((file) => file.endsWith(".md"));
    if (files.length > runbooksMax) {
      throw new ConfigError(`${folder}: ${files.length} runbooks, at most ${runbooksMax} are read`);
    }
    for (const file of files.sort()) {
      const path = join(folder, file);
      const text = await readFile(path, "utf8");
      const runbook = faultOr(() => parseRunbook(path, text));
      if (typeof runbook === "string") faults.push(runbook);
      else byName.set(runbook.name, runbook);
    }
  }
  if (faults.length > 0) throw new ConfigError(faults.join("\n"));
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** What was made, or the sentence that says why it could not be. */
function faultOr<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new ConfigError(`runbooks: the folder ${folder} cannot be read`, { cause });
  }
}

function readYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message.split("\n")[0] : "not YAML";
    throw new ConfigError(`${file}: front matter is not YAML: ${what}`, { cause });
  }
}
