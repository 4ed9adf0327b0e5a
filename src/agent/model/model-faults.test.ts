import { describe, expect, it } from "vitest";
import { faultName, retryRule } from "./model-faults.ts";
import { AnswerEndless, StreamBroken } from "./watch-stream.ts";

/** An error as a client throws it, inside the layer that middleware puts around it. */
function fault(message: string, more: object = {}): Error {
  return new Error("outer", { cause: Object.assign(new Error(message), more) });
}

describe("a fault of a model", () => {
  it.each([
    [fault("x", { status: 401 }), "the key was refused (401)"],
    [fault("x", { status: 404 }), "there is no such model at this address (404)"],
    [fault("x", { status: 418 }), "the request was refused (418)"],
    [fault("x", { status: 503 }), "a fault of its server (503)"],
    [
      fault("x", { status: 400, code: "context_length_exceeded" }),
      "the conversation is longer than the model can read",
    ],
    [fault("Request timed out."), "no answer in time"],
    [fault("fetch failed", { code: "ECONNREFUSED" }), "no connection to its server"],
    [fault("sk-secret"), "an unexpected fault"],
    ["a text", "an unexpected fault"],
  ])(
    "%s is called by what a person can do about it, never by the server's words",
    (error, name) => {
      expect(faultName(error)).toBe(name);
    },
  );

  it.each([
    ["a rate limit", fault("x", { status: 429 }), true],
    ["a patience of an hour", fault("x", { status: 429, retryAfterMs: 3_600_000 }), false],
    ["a fault of the server", fault("x", { status: 500 }), true],
    ["a lost connection", fault("socket hang up"), true],
    ["a broken stream", new StreamBroken("cut off"), true],
    ["an answer without an end", new AnswerEndless("no end"), false],
    ["a refused key", fault("x", { status: 401 }), false],
    ["a conversation that is too long", fault("x", { status: 400 }), false],
    ["a bug", fault("x is not a function"), false],
  ])("%s is worth another try: %s, %s", (_, error, isWorthIt) => {
    const isRetryable = retryRule();
    expect([isRetryable(error), isRetryable(error)]).toEqual([isWorthIt, isWorthIt]);
  });

  it("of waiting in vain is tried again once in a run, and no more", () => {
    const isRetryable = retryRule();
    const late = [fault("Request timed out."), new StreamBroken("the stream stood still")];
    expect(late.map(isRetryable)).toEqual([true, false]);
    expect(isRetryable(fault("x", { status: 429 }))).toBe(true);
    expect(retryRule()(new StreamBroken("the answer stopped coming"))).toBe(true);
  });
});
