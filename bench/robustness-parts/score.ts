import { basename } from "node:path";
import { runEvaluation } from "../../src/app/run-evaluation.ts";
import type { Evaluation } from "../../src/eval/evaluate.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { randomIds } from "../../src/platform/ids.ts";

/** Scores a folder of cases: one row of a benchmark's document, with a line per wrong answer. */
export async function scoreFolder(folder: string, variant: string) {
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
