import type { CaseResult, CaseRun, Evaluation } from "./evaluate.ts";
import type { Summary } from "./summary.ts";

/** An evaluation as a person reads it: a line per case, then the totals. */
export function evaluationText({ suite, model, cases, summary }: Evaluation): string {
  return [
    `suite ${suite}, model ${model}`,
    "",
    ...cases.flatMap(caseLines),
    "",
    ...summaryLines(summary),
    "",
  ].join("\n");
}

function caseLines(result: CaseResult): string[] {
  return [
    ...result.runs.map((run) => caseLine(result.name, run)),
    ...result.failures.map((failure) => `FAILED ${result.name}: ${failure}`),
  ];
}

function caseLine(name: string, run: CaseRun): string {
  const { score } = run;
  const marks = [
    score.isRight ? "right" : "WRONG",
    score.changeExact === null ? "" : score.changeExact ? "change ok" : "CHANGE",
    score.decoyBlamed ? "DECOY" : "",
    score.priority === false ? `PRIORITY ${run.priority}` : "",
    score.remediation === false ? `remediation ${run.remediation ?? "none"}` : "",
  ].filter((mark) => mark);
  const answered = run.answered.join(", ") || "nobody";
  return [
    `${name.padEnd(22)} ${marks.join(", ")}`,
    `${run.conclusion} ${score.confidence.toFixed(2)}: ${answered}`,
    `truth ${run.expected.join(" or ") || "nobody"}`,
    `${run.seconds.toFixed(2)} s`,
  ].join(" | ");
}

function summaryLines(summary: Summary): string[] {
  const rows: [string, string][] = [
    ["cases / runs / failed", `${summary.cases} / ${summary.runs} / ${summary.failed}`],
    ["right", percent(summary.right)],
    ["service top-1/3/5", tops(summary.serviceTop1, summary.serviceTop3, summary.serviceTop5)],
    ["resource top-1/3/5", tops(summary.resourceTop1, summary.resourceTop3, summary.resourceTop5)],
    ["change exact or none", percent(summary.changeExact)],
    ["decoys blamed", String(summary.decoysBlamed)],
    ["first failing service", percent(summary.firstFailing)],
    ["blast radius Jaccard", summary.blastRadiusJaccard?.toFixed(2) ?? "-"],
    ["remediation", percent(summary.remediation)],
    ["priority", percent(summary.priority)],
    ["nothing wrong recognised", percent(summary.nothingWrongRecognised)],
    ["confidently wrong", String(summary.confidentlyWrong)],
    ["Brier", summary.brier.toFixed(3)],
    ["agreement over repeats", percent(summary.agreement)],
    ["seconds median / max", `${fixed(summary.seconds.median)} / ${fixed(summary.seconds.max)}`],
    ["tool calls, median", String(summary.toolCallsMedian)],
    ["tokens / cost", `${summary.tokens} / ${costIn(summary)}`],
  ];
  const bins = summary.calibration
    .filter((bin) => bin.runs > 0)
    .map((bin) => `${fixed(bin.from)}–${fixed(bin.to)}: ${bin.right}/${bin.runs}`);
  return [
    ...rows.map(([name, value]) => `${name.padEnd(26)} ${value}`),
    `${"calibration".padEnd(26)} ${bins.join("  ")}`,
  ];
}

function tops(...shares: (number | null)[]): string {
  return shares.every((share) => share === null) ? "-" : shares.map(percent).join(" / ");
}

function percent(share: number | null): string {
  return share === null ? "-" : `${(share * 100).toFixed(1)}%`;
}

function fixed(value: number): string {
  return value.toFixed(2);
}

/** Tokens without a price are not free. */
function costIn({ tokens, costUsd }: Summary): string {
  const isUnpriced = tokens > 0 && costUsd === 0;
  return isUnpriced ? "unknown (no price is set)" : `${costUsd.toFixed(2)} USD`;
}
