import { ModelError } from "../../core/errors.ts";

/** Faults worth another try: rate limits, time-outs, server faults and broken connections. */
export function isRetryable(error: Error): boolean {
  if (error.name === "AbortError" || error.name === "BudgetSpent") return false;
  const status = statusOf(error);
  if (status !== null) return status === 408 || status === 409 || status === 429 || status >= 500;
  return /timeout|timed out|connection|network|socket|terminated|ECONN|fetch failed/i.test(
    `${error.name} ${error.message}`,
  );
}

/** What went wrong in a few words. The server's own text may hold anything, so it is not shown. */
export function faultName(fault: unknown): string {
  const chain = causes(fault);
  const ours = chain.find((error) => error instanceof ModelError);
  if (ours) return ours.message;
  const first = chain.find((error) => statusOf(error) !== null) ?? chain[0];
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

function statusOf(error: Error): number | null {
  return "status" in error && typeof error.status === "number" ? error.status : null;
}
