import { ModelError } from "../../core/errors.ts";
import { StreamBroken } from "./watch-stream.ts";

/** Longest pause that a server may ask for before the next model of the chain has its turn. */
const retryAfterMaxMs = 30_000;
const broken = /timeout|timed out|connection|network|socket|terminated|ECONN|fetch failed/i;

/** Faults worth another try: rate limits, time-outs, server faults and broken connections. */
export function isRetryable(fault: Error): boolean {
  // Middleware wraps what its handler throws, once per layer.
  const chain = causes(fault);
  if (chain.some(({ name }) => name === "AbortError" || name === "BudgetSpent")) return false;
  if (chain.some((error) => error instanceof StreamBroken)) return true;
  if (chain.some((error) => retryAfterMs(error) > retryAfterMaxMs)) return false;
  const statuses = chain.flatMap((error) => statusOf(error) ?? []);
  const [status] = statuses;
  if (status !== undefined) return [408, 409, 429].includes(status) || status >= 500;
  return chain.some(({ name, message }) => broken.test(`${name} ${message}`));
}

/** What went wrong in a few words. The server's own text may hold anything, so it is not shown. */
export function faultName(fault: unknown): string {
  const chain = causes(fault);
  const ours = chain.find((error) => error instanceof ModelError);
  if (ours) return ours.message;
  const streamed = chain.find((error) => error instanceof StreamBroken);
  if (streamed) return streamed.message;
  const first = chain.find((error) => statusOf(error) !== null) ?? chain.at(-1);
  if (!first) return "unknown fault";
  const status = statusOf(first);
  return status === null ? first.name : `${first.name} ${status}`;
}

function causes(fault: unknown): Error[] {
  const chain: Error[] = [];
  let next = fault;
  while (next instanceof Error && chain.length < 10) {
    chain.push(next);
    next = next.cause;
  }
  return chain;
}

/** Set by LangChain from a Retry-After header, which it waits out however long it is. */
function retryAfterMs(error: Error): number {
  return "retryAfterMs" in error && typeof error.retryAfterMs === "number" ? error.retryAfterMs : 0;
}

function statusOf(error: Error): number | null {
  return "status" in error && typeof error.status === "number" ? error.status : null;
}
