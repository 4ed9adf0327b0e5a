import { type BaseMessage, ToolMessage } from "@langchain/core/messages";

/** Results of this many newest calls stay whole. */
const keepWhole = 4;

/**
 * Keeps a conversation within `charsMax` by replacing the oldest tool results by the ids of their
 * evidence. Evidence is never dropped: its statements stand in the first message or in the ledger,
 * and any result can be read again with `read_result`.
 */
export function compact(
  messages: readonly BaseMessage[],
  charsMax: number,
  evidenceOf: (callId: string) => readonly string[],
): BaseMessage[] {
  let chars = messages.reduce((sum, message) => sum + lengthOf(message), 0);
  const results = messages.filter((message) => ToolMessage.isInstance(message));
  const old = new Set<BaseMessage>(results.slice(0, -keepWhole));
  return messages.map((message) => {
    if (chars <= charsMax || !old.has(message) || !ToolMessage.isInstance(message)) return message;
    const ids = evidenceOf(message.tool_call_id);
    const cited = ids.length > 0 ? `evidence ${ids.join(" ")}` : "no evidence";
    const content = `(older result, kept as ${cited}; read_result shows it again)`;
    chars -= lengthOf(message) - content.length;
    return new ToolMessage({ content, tool_call_id: message.tool_call_id });
  });
}

function lengthOf(message: BaseMessage): number {
  return typeof message.content === "string"
    ? message.content.length
    : JSON.stringify(message.content).length;
}
