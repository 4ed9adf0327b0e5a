import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** `shodo serve` in a process of its own. */
export interface ServeProcess {
  readonly url: string;
  /** Events of its log with this name. */
  events(name: string): readonly Readonly<Record<string, unknown>>[];
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** Resolves when it listens; rejects with what it said when it ends before that. */
export async function startServe(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ServeProcess> {
  const child = spawn(process.execPath, ["src/main.ts", "serve", "--port", "0", ...args], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (part: Buffer) => {
      said += part.toString();
      const found = /Shodo serves at (\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    void ended.then((code) => reject(new Error(`it ended with ${code}:\n${said}`)));
  });
  return {
    url,
    events: (name) => said.split("\n").flatMap((line) => eventOf(line, name)),
    stop: () => end(child, "SIGTERM", ended),
    kill: async () => void (await end(child, "SIGKILL", ended)),
  };
}

function end(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<number | null>) {
  child.kill(signal);
  return ended;
}

function eventOf(line: string, name: string): Record<string, unknown>[] {
  if (!line.startsWith("{") || !line.includes(`"${name}"`)) return [];
  return [JSON.parse(line) as Record<string, unknown>];
}
