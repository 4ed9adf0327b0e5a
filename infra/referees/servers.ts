import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");
export const here = import.meta.dirname;
export const main = join(root, "src/main.ts");
/** State of servers and referees goes here, never into anybody's home. */
export const scratch = mkdtempSync(join(tmpdir(), "shodo-referees-"));

const config = join(scratch, "shodo.yaml");
writeFileSync(config, "mcp:\n  http:\n    rateBurst: 100000\n    ratePerSecond: 10000\n");

/** What referees and servers may see: no tokens, no keys, no home of a person. */
export const environment: NodeJS.ProcessEnv = {
  PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH ?? ""}`,
  HOME: scratch,
  SHODO_HOME: join(scratch, "state"),
  SHODO_CONFIG: config,
  NO_COLOR: "1",
};

/** Command line of the real server on stdio. */
export const stdioServer = [process.execPath, main, "mcp"] as const;

export interface Served {
  readonly url: string;
  stop(): void;
}

/** Starts a program that says `MCP at <url>` on stderr. */
export function serve(args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, args, { cwd: root, env: environment });
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const url = /MCP at (\S+)/.exec(said)?.[1];
      if (url) resolve({ url, stop: () => child.kill() });
    });
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
}

export const serveReal = () => serve([main, "mcp", "--http", "--port", "0"]);
export const serveFixtures = () => serve([join(here, "serve-fixtures.ts")]);

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one referee to its end, at most `seconds`. */
export function run(args: readonly string[], seconds = 120): Promise<Ran> {
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: join(here, "packages"),
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: seconds * 1_000,
  });
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code: code ?? -1, out, err }));
  });
}

/** Path of a referee's program. */
export function bin(name: string): string {
  return join(here, "packages/node_modules/.bin", name);
}
