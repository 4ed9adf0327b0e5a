import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeOpenAi } from "../../agent/testing/fake-openai.ts";
import { competent } from "../../agent/testing/policies.ts";
import { canonical } from "../../agent/tool-runner.ts";
import type { Report } from "../../core/report.ts";
import type { Step } from "../../core/step.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { demoIncidents } from "../demo-incidents.ts";
import { openAnalyst } from "../open-analyst.ts";
import { packageRoot } from "../package-root.ts";

const server = new FakeOpenAi([competent]);
const main = join(packageRoot, "src/main.ts");
const killed = join(packageRoot, "src/app/testing/run-until-killed.ts");
const capture = demoIncidents()[0]?.folder ?? "";
const model = "openai:fake";
const folders: string[] = [];
let baseUrl = "";
let whole: { report: Report; steps: readonly Step[] };

beforeAll(async () => {
  baseUrl = await server.start();
  const home = newHome();
  const args = ["investigate", "--capture", capture, "--model", model, "--json"];
  const { out } = await node([main, ...args], home);
  const report = JSON.parse(out) as Report;
  whole = { report, steps: await stepsOf(home) };
}, 60_000);
afterAll(async () => {
  await server.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "shodo-kill-"));
  folders.push(home);
  return home;
}

/** Runs a process of ours to its end, or until so long after it first said something. */
function node(args: readonly string[], home: string, killAfterMs?: number) {
  const env = { ...process.env, SHODO_HOME: home, OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: "k" };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const text = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (text.out += chunk));
  child.stderr.on("data", (chunk) => (text.err += chunk));
  let timer: NodeJS.Timeout | undefined;
  child.stderr.once("data", () => {
    if (killAfterMs) timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  });
  return new Promise<{ out: string; err: string; signal: string | null }>((resolve) => {
    child.on("close", (_, signal) => {
      clearTimeout(timer);
      resolve({ ...text, signal });
    });
  });
}

/** What stands in the store of a home, read once the process is gone. */
async function storeOf(home: string) {
  const opened = await openAnalyst({
    configFile: undefined,
    model: "builtin",
    clock: systemClock,
    ids: randomIds(systemClock),
    storePath: join(home, "shodo.db"),
  });
  try {
    const [incident] = await opened.analyst.incidents({ limit: 1 });
    const steps = incident ? await opened.analyst.steps(incident.id, 0) : [];
    return { steps, hasReport: (incident?.conclusion ?? null) !== null };
  } finally {
    await opened.close();
  }
}

async function stepsOf(home: string): Promise<readonly Step[]> {
  return (await storeOf(home)).steps;
}

/** Calls as tool and input, in their order. */
function calls(steps: readonly Step[], kind: "tool-call" | "tool-result"): string[] {
  const keys = new Map(
    steps.flatMap((s) => (s.kind === "tool-call" ? [[s.callId, keyOf(s)] as const] : [])),
  );
  return steps.flatMap((s) => (s.kind === kind ? [keys.get(s.callId) ?? ""] : []));
}

function keyOf(step: Extract<Step, { kind: "tool-call" }>): string {
  return `${step.tool} ${canonical(step.input)}`;
}

/** All of a report that does not say how long, how often or under which name it was made. */
function told({ id: _, usage: __, ...report }: Report): unknown {
  const measured = ["tookMs", "bytesScanned"];
  return JSON.parse(JSON.stringify(report, (key, value) => (measured.includes(key) ? 0 : value)));
}

async function resumeAndCompare(home: string, before: readonly Step[]): Promise<void> {
  const { out, err } = await node([main, "investigate", "--resume", "--json"], home);
  expect(err).toMatch(/going on with inc[^:]*: \d+ steps are recorded/);
  expect(told(JSON.parse(out))).toEqual(told(whole.report));
  const after = await stepsOf(home);
  expect(after.slice(0, before.length)).toEqual(before);
  const again = calls(after.slice(before.length), "tool-call");
  expect(calls(before, "tool-result").filter((call) => again.includes(call))).toEqual([]);
  expect(calls(after, "tool-result").sort()).toEqual(calls(whole.steps, "tool-result").sort());
  const numbers = after.map(({ number }) => number);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
}

/** SHODO_KILL=every tries every step there is; otherwise some that differ in what comes next. */
const isEvery = process.env.SHODO_KILL === "every";
/** Two processes a point, and nearly a hundred points: far more than the chosen few may take. */
const pointsLimitMs = isEvery ? 3_600_000 : 900_000;
const atKinds = ["started", "tool-call", "tool-result", "model-message", "final"];

function points(): number[] {
  const { steps } = whole;
  if (isEvery) return steps.map(({ number }) => number);
  const firsts = atKinds.map((kind) => steps.find((step) => step.kind === kind));
  const looks = steps.filter((step) => step.kind === "tool-call").at(4);
  const verify = steps.find((step) => step.kind === "model-message" && step.job === "verify");
  return [...firsts, looks, verify].flatMap((step) => step?.number ?? []);
}

describe("a run with a model that is killed", () => {
  it(
    "at a step goes on from there, and ends in the same report",
    async () => {
      expect(whole.report.model).toBe(model);
      expect(points().length).toBeGreaterThan(5);
      for (const point of points()) {
        const home = newHome();
        const { signal, err } = await node([killed, capture, model, String(point)], home);
        expect(signal, err).toBe("SIGKILL");
        const before = await stepsOf(home);
        expect(before.length).toBeGreaterThanOrEqual(point);
        await resumeAndCompare(home, before);
      }
    },
    pointsLimitMs,
  );

  it.each([30, 450])(
    "%i ms after it began, wherever that is, goes on as well",
    async (afterMs) => {
      const home = newHome();
      const args = ["investigate", "--capture", capture, "--model", model, "--json"];
      await node([main, ...args], home, afterMs);
      const { steps, hasReport } = await storeOf(home);
      expect(steps.length).toBeGreaterThan(0);
      // A fast machine may have come to the end by then.
      if (!hasReport) await resumeAndCompare(home, steps);
    },
    60_000,
  );
});

describe("going on", () => {
  it("says so when there is nothing to go on with", async () => {
    const { err } = await node([main, "investigate", "--resume"], newHome());
    expect(err).toContain("No investigation was cut off: every one has its report.");
  }, 60_000);

  it("refuses another question, which would be another investigation", async () => {
    const { err } = await node([main, "investigate", "why?", "--resume", "inc_1"], newHome());
    expect(err).toContain("--resume goes on with what was asked before; leave out a question.");
  }, 60_000);
});
