import { type BaseMessage, ToolMessage } from "@langchain/core/messages";
import type { Evidence } from "../../core/evidence.ts";
import { fence } from "../fence.ts";
import { handleOf } from "../tool-text.ts";

/** Results of this many newest calls stay whole. */
const keepWhole = 4;

/**
 * Keeps a conversation within `charsMax` by replacing the oldest tool results by the evidence they
 * gave, ids and statements alike, and the handle under which the whole can be read again. Evidence
 * is never dropped, even where it alone is more than `charsMax`.
 */
export function compact(
  messages: readonly BaseMessage[],
  charsMax: number,
  evidenceOf: (callId: string) => readonly Evidence[],
): BaseMessage[] {
  let chars = messages.reduce((sum, message) => sum + lengthOf(message), 0);
  const results = messages.filter((message) => ToolMessage.isInstance(message));
  const old = new Set<BaseMessage>(results.slice(0, -keepWhole));
  return messages.map((message) => {
    if (chars <= charsMax || !old.has(message) || !ToolMessage.isInstance(message)) return message;
    const content = short(message, evidenceOf(message.tool_call_id));
    if (content.length >= lengthOf(message)) return message;
    chars -= lengthOf(message) - content.length;
    const { tool_call_id, name } = message;
    return new ToolMessage({ content, tool_call_id, ...(name ? { name } : {}) });
  });
}

function short({ tool_call_id, name }: ToolMessage, evidence: readonly Evidence[]): string {
  const lines = evidence.map(({ id, statement }) => `${id} ${statement}`);
  const kept =
    lines.length > 0 ? fence(name ?? "evidence", lines.join("\n")) : "It gave no evidence.";
  return `${kept}\n(An older result, shortened; read_result with ${handleOf(tool_call_id)} shows it.)`;
}

function lengthOf(message: BaseMessage): number {
  return typeof message.content === "string"
    ? message.content.length
    : JSON.stringify(message.content).length;
}
