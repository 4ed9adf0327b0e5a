import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { hmacHex } from "../../src/intake/secrets.ts";

/** Stands for everything outside: what is asked (telemetry, model) and what is told (a chat). */
export interface Outside {
  readonly url: string;
  /** Distinct notes that arrived, by their key, with how often each was sent. */
  readonly notes: ReadonlyMap<string, number>;
  /** While cut, connections are dropped without an answer. */
  cut(what: "upstream" | "notes", isCut: boolean): void;
  close(): void;
}

export async function openOutside(): Promise<Outside> {
  const notes = new Map<string, number>();
  const isCut = { upstream: false, notes: false };
  const server: Server = createServer((request, response) => {
    const what = request.url === "/notes" ? "notes" : "upstream";
    request.resume();
    request.on("end", () => {
      if (isCut[what]) {
        request.socket.destroy();
        return;
      }
      const key = request.headers["idempotency-key"];
      if (what === "notes") notes.set(String(key), (notes.get(String(key)) ?? 0) + 1);
      response.end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    notes,
    cut: (what, value) => {
      isCut[what] = value;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export interface Service {
  start(): Promise<void>;
  /** SIGKILL, at whatever it is doing. */
  kill(): Promise<void>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

/** Starts and ends the service; `start` resolves when it listens. */
export function service(options: {
  readonly place: string;
  readonly port: number;
  readonly outside: string;
  readonly skewFile: string;
}): Service {
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
      const { place, port, outside, skewFile } = options;
      const file = join(import.meta.dirname, "service.ts");
      const args = [file, place, String(port), outside, skewFile];
      const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      child = started;
      await new Promise<void>((resolve, reject) => {
        started.stdout.once("data", () => resolve());
        started.once("exit", (code) => reject(new Error(`the service ended with ${code}`)));
      });
    },
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
}

/** Alarms at a steady rate; what was not accepted is sent again later, as real senders do. */
export interface Load {
  readonly accepted: ReadonlySet<string>;
  /** Answers that were no 2xx, by status; 0 is no answer at all. */
  readonly refusals: ReadonlyMap<number, number>;
  /** Stops making new alarms and sends the rest until all were accepted. */
  finish(): Promise<void>;
}

export function startLoad(port: number, perSecond: number, prefix: string): Load {
  const accepted = new Set<string>();
  const refusals = new Map<number, number>();
  const waiting: string[] = [];
  let made = 0;
  let isOpen = true;
  let inFlight = 0;
  const send = async (id: string) => {
    inFlight += 1;
    const status = await post(port, id);
    inFlight -= 1;
    if (status >= 200 && status < 300) {
      accepted.add(id);
      return;
    }
    refusals.set(status, (refusals.get(status) ?? 0) + 1);
    waiting.push(id);
  };
  const timer = setInterval(() => {
    if (inFlight > 200) return;
    const again = waiting.shift();
    if (again !== undefined) void send(again);
    if (!isOpen) return;
    made += 1;
    void send(`${prefix}-${made}`);
  }, 1_000 / perSecond);
  return {
    accepted,
    refusals,
    finish: async () => {
      isOpen = false;
      while (accepted.size < made) await delay(100);
      clearInterval(timer);
    },
  };
}

/** Status of the answer; 0 when there was none. Twelve services, each with its own wording. */
async function post(port: number, id: string): Promise<number> {
  const n = Number(id.split("-").at(-1)) % 12;
  const run = Math.floor(Number(id.split("-").at(-1)) / 600);
  const words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"];
  const service = `service-${n}-${run}`;
  const name = `${words[n % 6]} ${words[(n + 3) % 6]}${n}`;
  const body = JSON.stringify({ id, name, service, fingerprint: `${service} ${name}` });
  const signature = `sha256=${hmacHex("sha256", "load", [body])}`;
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/alarms/webhook/load`, {
      method: "POST",
      body,
      headers: { "x-signature-256": signature },
      signal: AbortSignal.timeout(10_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}
