import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface ChildOptions {
  name: string;
  /** Folder that holds `services/` and `lib/` of the release to run. */
  root: string;
  env: Record<string, string>;
  /** Outsiders (provider, shoppers) run without our telemetry. */
  instrumented: boolean;
  heapMb?: number;
}

const readyWithinMs = 60_000;
const stopWithinMs = 8_000;

/** One running process of the shop. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  #stderr = "";
  #stopping = false;

  /** Starts a process and waits until it serves. Throws one sentence when it does not. */
  static async start(options: ChildOptions, onDeath: (child: Child) => void): Promise<Child> {
    const child = new Child(options);
    await child.#ready();
    child.#process.once("exit", () => {
      if (!child.#stopping) onDeath(child);
    });
    return child;
  }

  private constructor({ name, root, env, instrumented, heapMb }: ChildOptions) {
    this.name = name;
    const preload = instrumented ? ["--import", join(root, "lib/telemetry.ts")] : [];
    const heap = heapMb ? [`--max-old-space-size=${heapMb}`] : [];
    const args = [...heap, ...preload, join(root, "services", name, "service.ts")];
    this.#process = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH ?? "", ...env },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#process.stderr?.on("data", (text: Buffer) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-4_000);
    });
    this.#process.on("error", () => undefined);
  }

  send(message: object): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  /** The last thing that it complained about. */
  complaint(): string {
    const lines = this.#stderr.split("\n").filter((line) => /\w/.test(line));
    return (
      lines.find((line) => /^(FATAL ERROR|\w*Error\b).*:/.test(line)) ??
      lines.at(-1) ??
      "no message"
    ).trim();
  }

  /** Asks it to end, and ends it if it does not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((done) => this.#process.once("exit", done));
    this.#process.kill("SIGTERM");
    const patience = new AbortController();
    const late = pause(stopWithinMs, "late", { signal: patience.signal }).catch(() => "");
    if ((await Promise.race([gone, late])) === "late") this.#process.kill("SIGKILL");
    patience.abort();
    await gone;
  }

  #ready(): Promise<void> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        this.#process.kill("SIGKILL");
        fail(new Error(`${this.name} did not start within ${readyWithinMs / 1000} s`));
      }, readyWithinMs);
      const died = (code: number | null) => {
        clearTimeout(timer);
        const why = this.complaint();
        fail(new Error(`${this.name} ended with code ${code} before it was ready: ${why}`));
      };
      this.#process.once("exit", died);
      this.#process.on("message", (message: { ready?: boolean }) => {
        if (!message.ready) return;
        clearTimeout(timer);
        this.#process.off("exit", died);
        done();
      });
    });
  }
}
