import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { appToken, botToken } from "../../src/slack/testing/double/web-api.ts";
import type { Outside } from "./outside.ts";

const root = join(import.meta.dirname, "../..");
const capture = join(root, "examples/incidents/02-brisk-lantern");
const startMaxMs = 60_000;

export interface ServiceOptions {
  /** Folder of state. */
  readonly home: string;
  /** Null for the file in `home`. */
  readonly databaseUrl: string | null;
  readonly port: number;
  readonly outside: Outside;
  readonly skewFile: string;
  readonly model: string;
}

export interface Service {
  start(): Promise<void>;
  /** SIGKILL, at whatever it is doing. */
  kill(): Promise<void>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

/** `shodo serve` as people run it, in a process of its own; `start` resolves when it listens. */
export function service(options: ServiceOptions): Service {
  const config = writeConfig(options);
  let child: ChildProcess | null = null;
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<number | null> => {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return null;
    const ended = new Promise<number | null>((resolve) => running.once("exit", resolve));
    running.kill(signal);
    return ended;
  };
  return {
    start: async () => {
      const serve = ["src/main.ts", "serve", "--config", config, "--port", String(options.port)];
      const args = ["--import", join(import.meta.dirname, "skew.ts"), ...serve];
      const started = spawn(process.execPath, [...args, "--capture", capture], {
        ...{ cwd: root, env: environmentOf(options), stdio: ["ignore", "pipe", "pipe"] },
      });
      child = started;
      let said = "";
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`no start:\n${said}`)), startMaxMs);
        const hear = (part: Buffer) => {
          said = `${said}${part.toString()}`.slice(-20_000);
          if (!said.includes("Shodo serves at")) return;
          clearTimeout(late);
          resolve();
        };
        started.stdout?.on("data", hear);
        started.stderr?.on("data", hear);
        started.once("exit", (code) => {
          clearTimeout(late);
          reject(new Error(`the service ended with ${code}:\n${said}`));
        });
      });
    },
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
}

function environmentOf({ home, databaseUrl, outside, skewFile }: ServiceOptions) {
  return {
    ...process.env,
    SHODO_HOME: home,
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    SLACK_BOT_TOKEN: botToken,
    SLACK_APP_TOKEN: appToken,
    OPENAI_API_KEY: "sk-test",
    OPENAI_BASE_URL: outside.modelUrl,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    LOAD_SECRET: "load",
    FAULT_SKEW_FILE: skewFile,
  };
}

/** The settings of a team, with patience cut short so that a run does not take a day. */
function writeConfig({ home, outside, model }: ServiceOptions): string {
  mkdirSync(home, { recursive: true });
  const file = join(home, "shodo.yaml");
  const fields = { name: "name", service: "service", fingerprint: "fingerprint", delivery: "id" };
  const settings = {
    model: { name: model },
    slack: { apiUrl: outside.slackApi, alarmChannel: "C0INCID01" },
    alarms: [
      { kind: "webhook", name: "load", secretFrom: "LOAD_SECRET", fields },
      { kind: "sqs", queueUrl: outside.queueUrl },
    ],
    grouping: { debounceSeconds: 0.3, maxWaitSeconds: 0.6 },
    work: { concurrency: 2, leaseSeconds: 10, perHour: { investigations: 100_000 } },
    notify: [{ kind: "webhook", name: "receiver", url: outside.notesUrl }],
    serve: { rate: { alarmsBurst: 100_000, alarmsPerSecond: 10_000 } },
  };
  writeFileSync(file, stringify(settings));
  return file;
}
