import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { describe, expect, it } from "vitest";
import type { Evidence } from "../../core/evidence.ts";
import { finding } from "../testing/session.ts";
import { compact } from "./compaction.ts";

const evidence: Evidence[] = ["a", "b"].map((key, i) => ({
  ...finding(key, { statement: `${key} rose to ${i + 40} %` }),
  id: `E${i + 1}`,
  step: 1,
}));

/** Six long results, oldest first. */
function conversation(): BaseMessage[] {
  const results = Array.from({ length: 6 }, (_, i) => {
    const id = `call-${i}-0`;
    const calls = [{ name: "look", args: {}, id }];
    return [
      new AIMessage({ content: "", tool_calls: calls }),
      new ToolMessage({ content: `${i} ${"row ".repeat(500)}`, tool_call_id: id, name: "look" }),
    ];
  });
  return [new HumanMessage("the first message"), ...results.flat()];
}

const contents = (messages: readonly BaseMessage[]) => messages.map(({ content }) => content);

describe("a conversation that grows too long", () => {
  it("stays as it is while it fits", () => {
    const messages = conversation();
    expect(contents(compact(messages, 1e6, () => evidence))).toEqual(contents(messages));
  });

  it("keeps of old results the evidence, word for word, and the way to the whole", () => {
    const messages = conversation();
    const short = compact(messages, 9_000, (id) => (id === "call-0-0" ? evidence : []));
    expect(short[2]?.content).toBe(
      "DATA look\nE1 a rose to 40 %\nE2 b rose to 41 %\nEND DATA\n" +
        "(An older result, shortened; read_result with result-call-0-0 shows it.)",
    );
    expect(short[4]?.content).toContain("It gave no evidence.");
    expect(contents(short.slice(5))).toEqual(contents(messages.slice(5)));
    expect(short.map((m) => ToolMessage.isInstance(m) && m.tool_call_id)).toEqual(
      messages.map((m) => ToolMessage.isInstance(m) && m.tool_call_id),
    );
  });

  it("never drops evidence to fit, and leaves the four newest results whole", () => {
    const messages = conversation();
    const short = compact(messages, 10, () => evidence);
    for (const message of short.filter((m) => ToolMessage.isInstance(m)).slice(0, 2)) {
      for (const { statement } of evidence) expect(message.content).toContain(statement);
    }
    expect(contents(short.slice(-8))).toEqual(contents(messages.slice(-8)));
  });
});
