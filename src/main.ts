#!/usr/bin/env node
import { enableCompileCache } from "node:module";

/** `node:sqlite` without a flag, and the LangChain line, need it. */
const nodeOldest = [22, 19] as const;
if (!isRecentNode(process.versions.node)) {
  const needed = nodeOldest.join(".");
  process.stderr.write(
    `Shodo needs Node.js ${needed} or newer; this is ${process.versions.node}.\n`,
  );
  process.exit(2);
}
// Everything is compiled once per machine, which halves a start: an MCP client waits for it. That
// holds for what is loaded from here on only, and so nothing of ours is imported above.
enableCompileCache();
const { createRuntime } = await import("./app.ts");
const { runProgram } = await import("./cli/program.ts");
const { reportFault } = await import("./cli/report-fault.ts");
const { openTerminal } = await import("./cli/terminal.ts");

const terminal = openTerminal(process.stdout, process.stderr);
const stop = new AbortController();

process.once("SIGINT", () => {
  terminal.clearProgress();
  terminal.say("stopping; what there is follows (Ctrl-C again to leave at once)");
  stop.abort();
  process.once("SIGINT", () => process.exit(130));
});
process.once("SIGTERM", () => stop.abort());
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader such as `head` that closed the pipe has what it wanted.
  if (error.code === "EPIPE") process.exit(0);
});

const exitCode = await main(process.argv.slice(2));
await drained(process.stdout);
process.exit(exitCode);

async function main(argv: readonly string[]): Promise<number> {
  try {
    return await runProgram(argv, { runtime: createRuntime(), terminal, signal: stop.signal });
  } catch (error) {
    return reportFault(error, terminal, { isJson: argv.includes("--json") });
  }
}

function isRecentNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > nodeOldest[0] || (major === nodeOldest[0] && minor >= nodeOldest[1]);
}

/** Resolves when everything written has left the process: exiting cuts a pipe's tail off. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
