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
import { runEvaluation } from "../src/app/run-evaluation.ts";
import type { Evaluation } from "../src/eval/evaluate.ts";
import { systemClock } from "../src/platform/clock.ts";
import { randomIds } from "../src/platform/ids.ts";
import { deriveCase } from "./robustness-parts/derived-case.ts";
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
      if (await derive(suite, folder, variant.apply)) rows.push(await score(folder, variant.name));
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

async function score(folder: string, variant: string) {
  const { json } = await runEvaluation(
    {
      suite: folder,
      model: "builtin",
      repeat: 1,
      only: "all",
      alarmAtVictim: false,
      configFile: undefined,
      progress: () => undefined,
      signal: new AbortController().signal,
    },
    { clock: systemClock, ids: randomIds(systemClock) },
  );
  const { summary, cases } = json as Evaluation;
  const runs = cases.flatMap(({ name, runs }) => runs.map((run) => ({ name, ...run })));
  const row = {
    suite: basename(folder).split(".")[0],
    variant,
    cases: summary.cases,
    failed: summary.failed,
    right: summary.right,
    serviceTop3: summary.serviceTop3,
    changeExact: summary.changeExact,
    decoysBlamed: summary.decoysBlamed,
    priority: summary.priority,
    confidentlyWrong: summary.confidentlyWrong,
    brier: Number(summary.brier.toFixed(3)),
    wrong: runs.filter((run) => !run.score.isRight || run.score.decoyBlamed).map(lineOf),
  };
  process.stderr.write(
    `${row.suite} ${variant}: ${Math.round(row.right * row.cases)} of ${row.cases}\n`,
  );
  return row;
}

function lineOf(run: Evaluation["cases"][number]["runs"][number] & { name: string }): string {
  const answer = run.answered.slice(0, 3).join(", ") || "nobody";
  const blamed = run.score.decoyBlamed ? `, blames ${run.change}` : "";
  const { conclusion, score, expected } = run;
  const wanted = expected.join(" or ") || "nobody";
  return `${run.name}: ${conclusion} ${score.confidence.toFixed(2)} ${answer}${blamed}; is ${wanted}`;
}
