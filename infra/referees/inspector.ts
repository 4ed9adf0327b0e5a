import type { Referee, Report } from "./run.ts";
import { bin, run, serveReal, stdioServer } from "./servers.ts";

const eras = ["modern", "legacy"] as const;
/** At least this much better than the budget of 10 between median and slowest, under load. */
const spreadMax = 10;

/** The Inspector's command line: both eras, both transports, strict schemas, and load. */
export const inspector: Referee = async (report) => {
  const server = await serveReal();
  try {
    for (const era of eras) {
      await judge(report, `http ${era}`, [server.url], era);
      await judge(report, `stdio ${era}`, stdioServer, era);
    }
    await judgeApp(report, server.url);
    await judgeLoad(report, server.url);
  } finally {
    server.stop();
  }
};

async function judge(
  report: Report,
  name: string,
  target: readonly string[],
  era: string,
): Promise<void> {
  const ask = (...args: string[]) =>
    run([bin("mcp-inspector"), "--cli", ...target, "--protocol-era", era, ...args]);
  const json = ["--format", "json", "-q"];
  const list = await ask("--method", "tools/list", "--strict", ...json);
  const tools = (parsed(list.out)?.result as { tools?: unknown[] } | undefined)?.tools;
  report(`inspector ${name} tools/list --strict`, list.code === 0, `${tools?.length ?? 0} tools`);
  const called = await ask("--method", "tools/call", "--tool-name", "list_incidents", ...json);
  report(`inspector ${name} tools/call`, called.code === 0, `exit ${called.code}`);
  const unknown = await ask("--method", "tools/call", "--tool-name", "no_such_tool", ...json);
  report(`inspector ${name} unknown tool is refused`, unknown.code === 5, `exit ${unknown.code}`);
  for (const method of ["resources/list", "resources/templates/list", "prompts/list"]) {
    const listed = await ask("--method", method, ...json);
    report(`inspector ${name} ${method}`, listed.code === 0, `exit ${listed.code}`);
  }
}

async function judgeApp(report: Report, url: string): Promise<void> {
  const ran = await run([
    bin("mcp-inspector"),
    ...["--cli", url, "--method", "tools/list", "--app-info"],
  ]);
  const isNamed = ran.out.includes("ui://shodo/investigation.html");
  report("inspector finds the MCP App", ran.code === 0 && isNamed, `exit ${ran.code}`);
}

async function judgeLoad(report: Report, url: string): Promise<void> {
  const ran = await run([
    bin("mcp-inspector"),
    ...["--cli", url, "--method", "tools/call", "--tool-name", "list_incidents"],
    ...["--load", "--load-requests", "500", "--load-concurrency", "10", "--format", "json", "-q"],
  ]);
  const load = parsed(ran.out);
  const figures = JSON.stringify(load ?? ran.out.slice(0, 400));
  const [p50, p99] = [numberAt(load, "p50"), numberAt(load, "p99")];
  const isCalm = p50 !== null && p99 !== null && p99 <= spreadMax * p50;
  report("inspector load, 500 calls, 10 at once", ran.code === 0 && isCalm, figures.slice(0, 300));
}

function parsed(out: string): Record<string, unknown> | null {
  const from = out.indexOf("{");
  if (from < 0) return null;
  try {
    return JSON.parse(out.slice(from, out.lastIndexOf("}") + 1)) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** The first number under `key`, or a key that begins with it, at any depth. */
function numberAt(value: unknown, key: string): number | null {
  if (typeof value !== "object" || value === null) return null;
  for (const [name, item] of Object.entries(value)) {
    if (name.startsWith(key) && typeof item === "number") return item;
    const inner = numberAt(item, key);
    if (inner !== null) return inner;
  }
  return null;
}
