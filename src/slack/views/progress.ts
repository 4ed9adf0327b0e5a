import { limits } from "../../core/limits.ts";
import type { Step } from "../../core/step.ts";
import type { ToolResult } from "../../core/tool.ts";
import type { EpochMs } from "../../core/window.ts";
import { blockLimits as max } from "../blocks/block-limits.ts";
import { richLine } from "../blocks/blocks.ts";
import { plain, safeUrl } from "../blocks/foreign-text.ts";
import { asJson } from "../blocks/shape-checks.ts";
import type { Chunk, PlanBlock, TaskCard } from "../blocks/types.ts";
import type { Words } from "../messages/words.ts";

/** What an investigation has done so far, folded from its steps. */
export interface Progress {
  readonly plan: string;
  readonly tasks: readonly Task[];
  /** Ids of evidence so far. */
  readonly findings: readonly string[];
  readonly lastStep: number;
  readonly state: "running" | "done" | "stopped" | "failed";
  readonly at: EpochMs;
}

export interface Task {
  readonly id: string;
  readonly title: string;
  readonly status: "pending" | "in_progress" | "complete" | "error";
  readonly output: string | null;
  readonly sources: readonly { readonly url: string; readonly text: string }[];
}

/** What folding needs to know besides the steps. */
export interface ProgressContext {
  readonly words: Words;
  readonly titleOf: (tool: string) => string;
  readonly linkHosts: readonly string[];
}

/** Before the first step: the plan is a sentence that says so. */
export function noProgress(words: Words, at: EpochMs): Progress {
  return { plan: words.planStart, tasks: [], findings: [], lastStep: 0, state: "running", at };
}

/** One step on. Steps may come twice or late; each counts once, in order. */
export function advance(progress: Progress, step: Step, context: ProgressContext): Progress {
  if (step.number <= progress.lastStep) return progress;
  const next = { ...progress, lastStep: step.number, at: step.at };
  switch (step.kind) {
    case "tool-call":
      return { ...next, tasks: [...next.tasks, startedTask(step, context)] };
    case "tool-result":
      return {
        ...next,
        findings: withIds(next.findings, step.evidence),
        tasks: next.tasks.map((task) =>
          task.id === step.callId ? finishedTask(task, step, context) : task,
        ),
      };
    case "evidence-added":
      return { ...next, findings: withIds(next.findings, [step.evidence.id]) };
    case "hypothesis-moved":
      if (step.to === "refuted") return next;
      return {
        ...next,
        plan: context.words.planHypothesis(
          plain(context.words.mechanism(step.hypothesis), 200),
          Math.round(step.hypothesis.confidence * 100),
        ),
      };
    case "final":
      return finished(next, step.stoppedBy, context.words);
    default:
      return next;
  }
}

function withIds(known: readonly string[], more: readonly string[]): readonly string[] {
  const fresh = more.filter((id) => !known.includes(id));
  return fresh.length === 0 ? known : [...known, ...fresh];
}

function finished(progress: Progress, stoppedBy: string | null, words: Words): Progress {
  const isStopped = stoppedBy !== null && /^(cancel|stopped on request)/.test(stoppedBy);
  const rest = isStopped ? ("pending" as const) : ("complete" as const);
  const tasks = progress.tasks.map((task) =>
    task.status === "in_progress" ? { ...task, status: rest } : task,
  );
  const plan = isStopped
    ? words.planStopped
    : words.planDone(tasks.length, progress.findings.length);
  return { ...progress, tasks, plan, state: isStopped ? "stopped" : "done" };
}

/** Nothing is under way any more. */
export function settledTasks(progress: Progress): Progress {
  const tasks = progress.tasks.map((task) =>
    task.status === "in_progress" ? { ...task, status: "complete" as const } : task,
  );
  return { ...progress, tasks };
}

/** The run broke off: what was under way did not end. */
export function failed(progress: Progress, words: Words): Progress {
  const tasks = progress.tasks.map((task) =>
    task.status === "in_progress" ? { ...task, status: "error" as const } : task,
  );
  return { ...progress, tasks, plan: words.failed, state: "failed" };
}

type StepOf<Kind extends Step["kind"]> = Extract<Step, { kind: Kind }>;

function startedTask(step: StepOf<"tool-call">, context: ProgressContext): Task {
  const title = context.words.tool(step.tool) ?? context.titleOf(step.tool);
  const because = context.words.isOwn(step.because) ? plain(step.because, 160) : "";
  return {
    id: step.callId,
    title: plain(because ? `${title}: ${because}` : title, max.taskText),
    status: "in_progress",
    output: null,
    sources: [],
  };
}

function finishedTask(task: Task, step: StepOf<"tool-result">, context: ProgressContext): Task {
  const { result } = step;
  switch (result.kind) {
    case "data": {
      const links = new Map<string, string>();
      for (const origin of result.findings.flatMap((finding) => finding.provenance)) {
        const url = safeUrl(origin.link, context.linkHosts);
        if (url && links.size < 3) links.set(url, plain(origin.source, 60));
      }
      return {
        ...task,
        status: "complete",
        output: plain(saidOf(result, context.words), max.chunkText),
        sources: [...links].map(([url, text]) => ({ url, text })),
      };
    }
    case "empty":
      return {
        ...task,
        status: "complete",
        output: plain(
          context.words.taskEmpty(
            context.words.isOwn(result.searched) ? plain(result.searched, 200) : "",
          ),
          max.chunkText,
        ),
      };
    case "failed":
      return {
        ...task,
        status: "error",
        output: plain(
          context.words.taskFailed(plain(context.words.phrase(result.message), 200)),
          max.chunkText,
        ),
      };
  }
}

/** What a query brought: a verdict before findings, findings before a count. */
function saidOf(result: Extract<ToolResult, { kind: "data" }>, words: Words): string {
  const cause = result.diagnosis?.hypotheses[0];
  if (cause)
    return words.planHypothesis(words.mechanism(cause), Math.round(cause.confidence * 100));
  if (result.priority) return words.taskPriority(result.priority.level);
  const first = result.findings[0];
  if (first) return words.finding(first);
  const rows = Object.values(asJson(result.output)).find((value) => Array.isArray(value));
  return rows?.length ? words.taskCount(rows.length) : words.taskNothingNew;
}

/** The plan as a block, for messages that are edited. Older tasks fold into one line. */
export function planBlock(progress: Progress, words: Words): PlanBlock {
  const shown = progress.tasks.slice(-tasksShownMax);
  const hidden = progress.tasks.length - shown.length;
  const before: TaskCard[] =
    hidden === 0
      ? []
      : [
          {
            type: "task_card",
            task_id: "before",
            title: words.tasksBefore(hidden),
            status: "complete",
          },
        ];
  return {
    type: "plan",
    title: plain(progress.plan, max.taskText),
    tasks: [...before, ...shown.map(taskCard)],
  };
}

const tasksShownMax = 12;

function taskCard(task: Task): TaskCard {
  return {
    type: "task_card",
    task_id: task.id,
    title: task.title,
    status: task.status,
    ...(task.output ? { output: richLine(task.output) } : {}),
    ...(task.sources.length > 0 ? { sources: task.sources.map(source) } : {}),
  };
}

function source(link: { readonly url: string; readonly text: string }) {
  return { type: "url" as const, url: link.url, text: link.text };
}

/** What a stream must be told so that it shows `next` when it last showed `shown`. */
export function planChunks(shown: Progress | null, next: Progress): Chunk[] {
  const before = new Map(shown?.tasks.map((task) => [task.id, task]));
  const chunks: Chunk[] = [];
  if (shown?.plan !== next.plan) {
    chunks.push({ type: "plan_update", title: plain(next.plan, max.chunkText) });
  }
  for (const task of next.tasks.slice(-limits.toolCallsMax)) {
    if (JSON.stringify(before.get(task.id)) === JSON.stringify(task)) continue;
    chunks.push({
      type: "task_update",
      id: task.id,
      title: plain(task.title, max.chunkText),
      status: task.status,
      ...(task.output ? { output: plain(task.output, max.chunkText) } : {}),
      ...(task.sources.length > 0 ? { sources: task.sources.map(source) } : {}),
    });
  }
  return chunks;
}
