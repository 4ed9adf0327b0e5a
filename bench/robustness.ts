/**
 * How well the analyst does on cases that were changed in ways that should not matter, or that take
 * something away: `npm run bench -- robustness FOLDER... [--variant NAME] [--every 3] [--offset 0]
 * [--keep FOLDER]`. Each folder is a suite of captures with a truth. Prints one JSON document; a
 * line per variant goes to stderr.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { deriveCase } from "./robustness-parts/derived-case.ts";
import { scoreFolder } from "./robustness-parts/score.ts";
import { variants } from "./robustness-parts/variants.ts";

const { values: options, positionals: suites } = parseArgs({
  allowPositionals: true,
  options: {
    variant: { type: "string", multiple: true },
    every: { type: "string", default: "1" },
    offset: { type: "string", default: "0" },
    keep: { type: "string" },
  },
});

const root = options.keep ?? mkdtempSync(join(tmpdir(), "bench-robustness-"));
try {
  const rows = [];
  for (const suite of suites) {
    for (const variant of variants) {
      if (options.variant && !options.variant.includes(variant.name)) continue;
      const folder = join(root, `${basename(resolve(suite))}.${variant.name}`);
      if (await derive(suite, folder, variant.apply))
        rows.push(await scoreFolder(folder, variant.name));
    }
  }
  process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
} finally {
  if (!options.keep) rmSync(root, { recursive: true, force: true });
}

/** Makes the changed cases; false where the variant applies to none. */
async function derive(
  suite: string,
  folder: string,
  change: (typeof variants)[number]["apply"],
): Promise<boolean> {
  const cases = readdirSync(suite)
    .filter((name) => existsSync(join(suite, name, "truth.json")))
    .sort()
    .filter((_, at) => at % Number(options.every) === Number(options.offset));
  for (const name of cases) {
    let applies = false;
    const out = join(folder, name);
    await deriveCase(join(suite, name), out, async (made) => {
      applies = await change(made);
    });
    if (!applies) rmSync(out, { recursive: true, force: true });
  }
  return existsSync(folder) && readdirSync(folder).length > 0;
}
