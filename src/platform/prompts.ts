import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type PromptName, type Prompts, promptNames } from "../core/prompts.ts";

/** Reads every prompt of `prompts/`; a missing or empty one is a fault of the package. */
export async function loadPrompts(folder: string): Promise<Prompts> {
  const entries = await Promise.all(
    promptNames.map(async (name): Promise<[PromptName, string]> => {
      const text = await readFile(join(folder, `${name}.md`), "utf8");
      return [name, withoutFrontMatter(text)];
    }),
  );
  return Object.fromEntries(entries) as Prompts;
}

function withoutFrontMatter(text: string): string {
  return text.replace(/^---\n[\s\S]*?\n---\n/, "").trim();
}
