import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { z } from "zod";
import type { Analyst } from "../core/analyst.ts";
import { type Truth, truthSchema } from "../core/capture.ts";
import { UserError } from "../core/errors.ts";
import { requestBy } from "../core/investigation-request.ts";
import { localPrincipal } from "../core/principal.ts";
import type { Report } from "../core/report.ts";
import { type Score, scoreMissing, scoreReport } from "./score.ts";
import { type Summary, summarize } from "./summary.ts";

export interface EvaluateOptions {
  readonly suite: string;
  readonly repeat: number;
  /** Halves by folder order, so that one can be held back. */
  readonly only: "all" | "odd" | "even";
  /** Puts the alarm on a victim of the blast radius: the first failing service must not move. */
  readonly alarmAtVictim: boolean;
  readonly model: string | null;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface CaseResult {
  readonly name: string;
  readonly kind: Truth["kind"];
  readonly runs: readonly CaseRun[];
  /** Runs that ended without a report; each is one sentence. */
  readonly failures: readonly string[];
  /** What each of these failures scores; absent when there are none. */
  readonly missing?: Score;
}

export interface CaseRun {
  readonly score: Score;
  readonly expected: readonly string[];
  readonly answered: readonly string[];
  readonly firstCause: string;
  readonly firstFailing: string | null;
  readonly change: string | null;
  readonly conclusion: Report["conclusion"];
  readonly priority: string;
  readonly remediation: string | null;
  readonly seconds: number;
  readonly toolCalls: number;
  readonly tokens: number;
  readonly costUsd: number;
}

export interface Evaluation {
  readonly suite: string;
  readonly model: string;
  readonly cases: readonly CaseResult[];
  readonly summary: Summary;
}

/**
 * Investigates every capture of a folder, or the one that the folder is, and scores the reports. No
 * case at all is a fault.
 */
export async function evaluate(analyst: Analyst, options: EvaluateOptions): Promise<Evaluation> {
  const folders = casesOf(options.suite, options.only);
  const results: CaseResult[] = [];
  for (const [index, folder] of folders.entries()) {
    if (options.signal.aborted) throw new UserError("The evaluation was stopped.");
    options.progress(`${index + 1}/${folders.length} ${basename(folder)}`);
    results.push(await runCase(analyst, folder, options));
  }
  return {
    suite: basename(resolve(options.suite)),
    model: options.model ?? "builtin",
    cases: results,
    summary: summarize(results),
  };
}

function casesOf(suite: string, only: EvaluateOptions["only"]): string[] {
  const root = resolve(suite);
  const isFolder = statSync(root, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder) throw new UserError(`The suite "${suite}" is not a folder.`);
  if (isCase(root)) return [root];
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name))
    .filter(isCase)
    .sort()
    .filter((_, i) => only === "all" || (only === "even") === (i % 2 === 1));
  if (folders.length > 0) return folders;
  throw new UserError(
    `The suite "${suite}" has no case: a case is a folder with incident.json and truth.json.`,
  );
}

function isCase(folder: string): boolean {
  return ["incident.json", "truth.json"].every((file) => existsSync(join(folder, file)));
}

async function runCase(
  analyst: Analyst,
  folder: string,
  options: EvaluateOptions,
): Promise<CaseResult> {
  const truth = readTruth(folder);
  const runs: CaseRun[] = [];
  const failures: string[] = [];
  const victim = options.alarmAtVictim ? truth.blastRadius?.[0] : undefined;
  for (let run = 0; run < options.repeat; run += 1) {
    const startedAt = performance.now();
    try {
      const report = await analyst.investigate(
        requestBy(localPrincipal, {
          service: victim ?? null,
          model: options.model,
          language: "en",
          capture: folder,
        }),
        options.signal,
      );
      runs.push(caseRun(report, truth, (performance.now() - startedAt) / 1000));
    } catch (error) {
      failures.push(error instanceof Error ? error.message : "unknown fault");
    }
  }
  const missing = failures.length > 0 ? { missing: scoreMissing(truth) } : {};
  return { name: basename(folder), kind: truth.kind, runs, failures, ...missing };
}

function caseRun(report: Report, truth: Truth, seconds: number): CaseRun {
  const [first] = report.rootCauses;
  const { usage } = report;
  return {
    score: scoreReport(report, truth),
    expected: truth.services,
    answered: report.rootCauses.slice(0, 3).map((cause) => cause.service ?? cause.causeKind),
    firstCause: `${first?.service ?? ""}|${first?.change?.ref ?? ""}|${report.conclusion}`,
    firstFailing: report.firstFailing,
    change: first?.change?.ref ?? null,
    conclusion: report.conclusion,
    priority: report.priority.level,
    remediation: report.actions[0]?.kind ?? null,
    seconds,
    toolCalls: usage.toolCalls,
    tokens: usage.inputTokens + usage.outputTokens,
    costUsd: usage.costUsd,
  };
}

function readTruth(folder: string): Truth {
  const path = join(folder, "truth.json");
  const parsed = truthSchema.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  throw new UserError(`${path}: ${z.prettifyError(parsed.error)}`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UserError(`${path} is not JSON.`, { cause: error });
  }
}
