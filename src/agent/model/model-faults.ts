import { ModelError } from "../../core/errors.ts";
import { AnswerEndless, StreamBroken } from "./watch-stream.ts";

/** Longest pause that a server may ask for before the next model of the chain has its turn. */
const retryAfterMaxMs = 30_000;
/**
 * Waiting in vain costs a whole time-out each time, so that it is tried again but once in a run.
 */
const waitsMax = 1;
const late = /timeout|timed out|stood still|stopped coming/i;
const broken = /connection|network|socket|terminated|ECON|ENOTFOUND|EAI_AGAIN|fetch failed/i;

/** Says of each fault of a run whether it is worth another try. */
export function retryRule(): (fault: Error) => boolean {
  let waits = 0;
  return (fault) => {
    if (!isRetryable(fault)) return false;
    if (!says(causesOf(fault), late)) return true;
    waits += 1;
    return waits <= waitsMax;
  };
}

/** Rate limits, time-outs, server faults and broken connections. */
function isRetryable(fault: Error): boolean {
  // Middleware wraps what its handler throws, once per layer.
  const chain = causesOf(fault);
  const isFinal = ({ name }: Error) => name === "AbortError" || name === "BudgetSpent";
  if (chain.some((error) => isFinal(error) || error instanceof AnswerEndless)) return false;
  if (chain.some((error) => error instanceof StreamBroken)) return true;
  if (chain.some((error) => retryAfterMs(error) > retryAfterMaxMs)) return false;
  const [status] = chain.flatMap((error) => statusOf(error) ?? []);
  if (status !== undefined) return [408, 409, 429].includes(status) || status >= 500;
  return says(chain, late) || says(chain, broken);
}

/** What went wrong in a few words. The server's own text may hold anything, so it is not shown. */
export function faultName(fault: unknown): string {
  const chain = causesOf(fault);
  const ours = chain.find(
    (error) =>
      error instanceof ModelError ||
      error instanceof StreamBroken ||
      error instanceof AnswerEndless,
  );
  if (ours) return ours.message;
  const [status] = chain.flatMap((error) => statusOf(error) ?? []);
  if (chain.some(isTooLong)) return "the conversation is longer than the model can read";
  if (status !== undefined) return `${meaningOf(status)} (${status})`;
  if (says(chain, late)) return "no answer in time";
  if (says(chain, broken)) return "no connection to its server";
  return "an unexpected fault";
}

function meaningOf(status: number): string {
  const meanings: Readonly<Record<number, string>> = {
    401: "the key was refused",
    402: "the account is out of credit",
    403: "the key may not use this model",
    404: "there is no such model at this address",
    413: "the request is too long for its server",
    429: "too many requests, or the quota is used up",
  };
  return meanings[status] ?? (status >= 500 ? "a fault of its server" : "the request was refused");
}

/** An error and what caused it, outermost first. */
export function causesOf(fault: unknown): Error[] {
  const chain: Error[] = [];
  let next = fault;
  while (next instanceof Error && chain.length < 10) {
    chain.push(next);
    next = next.cause;
  }
  return chain;
}

function says(chain: readonly Error[], words: RegExp): boolean {
  return chain.some((error) => words.test(`${error.name} ${codeOf(error)} ${error.message}`));
}

/** OpenAI's code for it, and the name that LangChain gives what its adapters report. */
function isTooLong(error: Error): boolean {
  return codeOf(error) === "context_length_exceeded" || error.name === "ContextOverflowError";
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Set by LangChain from a Retry-After header, which it waits out however long it is. */
function retryAfterMs(error: Error): number {
  return "retryAfterMs" in error && typeof error.retryAfterMs === "number" ? error.retryAfterMs : 0;
}

function statusOf(error: Error): number | null {
  return "status" in error && typeof error.status === "number" ? error.status : null;
}
