import { setTimeout as delay } from "node:timers/promises";
import { hmacHex } from "../../src/intake/secrets.ts";
import { stateChangeEvent } from "../../src/intake/testing/sns-message.ts";
import type { Outside } from "./outside.ts";

/** Alarms at a steady rate; what was not accepted is sent again later, as real senders do. */
export interface Load {
  /** Answered with 2xx, or put into the queue that keeps them. */
  readonly accepted: ReadonlySet<string>;
  /** Answers that were no 2xx, by status; 0 is no answer at all. */
  readonly refusals: ReadonlyMap<number, number>;
  /** Stops making new alarms and sends the rest until all were accepted. */
  finish(): Promise<void>;
}

/** Each incident gets this many alarms, of as many services at a time. */
const alarmsPerRun = 300;
const atOnce = 3;
/** One in so many comes by way of the queue. */
const queuedEvery = 10;

export function startLoad(
  port: number,
  { perSecond, prefix, outside }: { perSecond: number; prefix: string; outside: Outside },
): Load {
  const accepted = new Set<string>();
  const refusals = new Map<number, number>();
  const waiting: number[] = [];
  let made = 0;
  let isOpen = true;
  let inFlight = 0;
  const send = async (n: number) => {
    inFlight += 1;
    const status = await post(port, `${prefix}-${n}`, problemOf(n));
    inFlight -= 1;
    if (status >= 200 && status < 300) {
      accepted.add(`${prefix}-${n}`);
      return;
    }
    refusals.set(status, (refusals.get(status) ?? 0) + 1);
    waiting.push(n);
  };
  const timer = setInterval(() => {
    if (inFlight > 200) return;
    const again = waiting.shift();
    if (again !== undefined) void send(again);
    if (!isOpen) return;
    made += 1;
    if (made % queuedEvery === 0) {
      outside.enqueue(eventOf(`${prefix}-${made}`, problemOf(made)));
      accepted.add(`${prefix}-${made}`);
    } else void send(made);
  }, 1_000 / perSecond);
  return {
    accepted,
    refusals,
    finish: async () => {
      isOpen = false;
      while (accepted.size < made || outside.queueLeft() > 0) await delay(100);
      clearInterval(timer);
    },
  };
}

interface Problem {
  readonly service: string;
  readonly name: string;
}

/** Problems follow one another; each has words of its own, so that none is taken for another. */
function problemOf(n: number): Problem {
  const number = Math.floor(n / alarmsPerRun) * atOnce + (n % atOnce);
  const word = (of: number) =>
    [of % 26, Math.floor(of / 26) % 26, (of * 7) % 26, (of * 11) % 26]
      .map((letter) => String.fromCharCode(97 + letter))
      .join("");
  return {
    service: `svc-${word(number)}${number}`,
    name: `${word(number + 1)} ${word(number + 9)}`,
  };
}

/** Status of the answer; 0 when there was none. */
async function post(port: number, id: string, { service, name }: Problem): Promise<number> {
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

/** The same problem as CloudWatch tells it: an EventBridge event in a queue. */
function eventOf(id: string, { service, name }: Problem): string {
  const text = JSON.stringify({ ...stateChangeEvent, id })
    .replaceAll("checkout-latency", `${service}-cloudwatch`)
    .replaceAll('"checkout"', JSON.stringify(service))
    .replaceAll("p95 of checkout", name);
  return text;
}
