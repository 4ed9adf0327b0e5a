import { describe, expect, it } from "vitest";
import { messageOf } from "./pattern-text.ts";

describe("the message of a masked log line", () => {
  it.each([
    [
      "… ERROR f.m.s.BasicService#… TraceID: … SpanID: … [Get Route By Ids Failed]",
      "[Get Route By Ids Failed]",
    ],
    ["[…] WARN o.s.web.Dispatcher - no handler for …", "no handler for …"],
    ["level is unknown to us", "level is unknown to us"],
    ["[…] [ERROR] … connections were refused", "… connections were refused"],
  ])("begins after time, level, class and ids: %s", (pattern, message) => {
    expect(messageOf(pattern)).toBe(message);
  });

  it("stays whole where the header is all there is", () => {
    expect(messageOf("… ERROR a.b.Service#… …")).toBe("… ERROR a.b.Service#… …");
  });

  it.each([
    "POST /charges failed: timed out",
    "… connections were refused",
    "api.stripe.com timed out after …",
    "java.lang.OutOfMemoryError: Java heap space",
    "Error creating pods: exceeded quota",
  ])("keeps what a message begins with, be it a mask, a host or an exception: %s", (pattern) => {
    expect(messageOf(pattern)).toBe(pattern);
    expect(messageOf(`… ERROR ${pattern}`)).toBe(pattern);
  });
});
