import { ConfigError } from "../../core/errors.ts";
import type { Source, SourceHouse } from "../../core/source.ts";
import { sourceDefinitions } from "../../sources/index.ts";

interface SourceSettings {
  readonly kind: string;
  readonly name?: string | undefined;
  readonly [key: string]: unknown;
}

/** Opens every source of the configuration; all faults in their settings at once. */
export async function openSources(
  all: readonly SourceSettings[],
  house: SourceHouse = { kpis: [] },
): Promise<readonly Source[]> {
  const faults: string[] = [];
  const openings = all.flatMap(({ kind, name, ...rest }, i) => {
    const definition = sourceDefinitions.find((each) => each.kind === kind);
    if (!definition) {
      const kinds = sourceDefinitions.map((each) => each.kind).join(", ");
      faults.push(`  sources.${i}.kind: "${kind}" is not known; use one of: ${kinds}`);
      return [];
    }
    const settings = definition.settings.safeParse(rest);
    if (!settings.success) {
      for (const issue of settings.error.issues) {
        const key = issue.path.map(String).join(".");
        faults.push(`  sources.${i}${key ? `.${key}` : ""} (${kind}): ${issue.message}`);
      }
      return [];
    }
    return [() => definition.open(name ?? kind, settings.data, house)];
  });
  const names = all.map(({ kind, name }) => name ?? kind);
  for (const name of new Set(names.filter((each, i) => names.indexOf(each) !== i))) {
    faults.push(`  sources: two are called "${name}"; give each its own name`);
  }
  if (faults.length > 0) throw new ConfigError(`The sources have faults:\n${faults.join("\n")}`);
  return Promise.all(openings.map((open) => open()));
}
