import { asJson, type Json, list } from "../../blocks/shape-checks.ts";
import {
  type Answer,
  blocksOf,
  type Call,
  channelOf,
  type Method,
  no,
  ok,
  refused,
  target,
} from "./calls.ts";
import type { DoubleMessage } from "./workspace.ts";

/** `chat.startStream`: outside direct messages Slack wants to know for whom. */
export const startStream: Method = (call) => {
  const { workspace, input } = call;
  const channel = channelOf(call);
  if (!channel) return no("channel_not_found");
  if (!channel.botIsMember) return no("not_in_channel");
  if (!channel.isIm) {
    if (!/^[UW]/.test(String(input.recipient_user_id ?? "")))
      return no("missing_recipient_user_id");
    if (!input.recipient_team_id) return no("missing_recipient_team_id");
  }
  if (channel.shared) return no("channel_type_not_supported");
  const user = workspace.users.get(String(input.recipient_user_id));
  if (!channel.isIm && !user) return no("invalid_recipient_user_id");
  const message = workspace.add({
    channel: channel.id,
    text: "",
    bot: workspace.botId,
    threadTs: String(input.thread_ts),
    stream: {
      startedAt: workspace.clock.now(),
      mode: String(input.task_display_mode ?? "timeline"),
      open: true,
      title: "",
      text: "",
      tasks: new Map(),
      tail: [],
    },
  });
  const fault = applyChunks(message, input);
  if (fault) {
    message.deleted = true;
    return fault;
  }
  workspace.snapshot(message);
  return ok({ channel: channel.id, ts: message.ts });
};

/** `chat.appendStream`: refused once the stream was stopped or has expired. */
export const appendStream: Method = (call) => {
  const message = target(call);
  if (!message) return no("message_not_found");
  if (!message.stream?.open || expired(call, message)) return no("message_not_in_streaming_state");
  const fault = applyChunks(message, call.input);
  if (fault) return fault;
  call.workspace.snapshot(message);
  return ok({ channel: message.channel, ts: message.ts });
};

/** `chat.stopStream`: what it brings is added first, and its blocks stand below the stream. */
export const stopStream: Method = (call) => {
  const message = target(call);
  if (!message) return no("message_not_found");
  if (!message.stream?.open || expired(call, message)) return no("message_not_in_streaming_state");
  const blocks = blocksOf(call.input);
  const fault = refused(blocks, "message", call.workspace) ?? applyChunks(message, call.input);
  if (fault) return fault;
  message.stream.open = false;
  message.stream.tail = blocks;
  if (call.input.metadata) message.metadata = asJson(call.input.metadata);
  if (call.input.session_status) {
    const key = `${message.channel}:${message.threadTs}`;
    const session = call.workspace.sessions.get(key);
    if (session) session.status = String(call.input.session_status);
  }
  call.workspace.snapshot(message);
  return ok({ channel: message.channel, ts: message.ts });
};

/** Chunk strings are capped at 256 characters and a source needs a text, as reported of Slack. */
function applyChunks(message: DoubleMessage, input: Json): Answer | null {
  const { stream } = message;
  if (!stream) return no("message_not_in_streaming_state");
  if (input.markdown_text) stream.text += String(input.markdown_text);
  for (const chunk of list(input.chunks)) {
    const long = ["title", "output", "details"].some(
      (key) => String(chunk[key] ?? "").length > 256,
    );
    if (long) return no("invalid_chunks", ["chunk strings are at most 256 characters"]);
    if (list(chunk.sources).some((source) => !source.text)) return no("invalid_chunks", ["source"]);
    if (chunk.type === "plan_update") stream.title = String(chunk.title);
    else if (chunk.type === "markdown_text") stream.text += String(chunk.text);
    else if (chunk.type === "task_update") {
      const rich = chunk.output
        ? {
            output: {
              type: "rich_text",
              elements: [
                { type: "rich_text_section", elements: [{ type: "text", text: chunk.output }] },
              ],
            },
          }
        : {};
      stream.tasks.set(String(chunk.id), {
        type: "task_card",
        task_id: chunk.id,
        title: chunk.title,
        status: chunk.status,
        ...(chunk.sources ? { sources: chunk.sources } : {}),
        ...rich,
      });
    } else return no("invalid_chunks", [`unknown chunk ${String(chunk.type)}`]);
  }
  return null;
}

/** Slack ends a stream after a while and says so only when asked. */
export function expired(call: Call, message: DoubleMessage): boolean {
  const startedAt = message.stream?.startedAt ?? 0;
  return call.workspace.clock.now() - startedAt > call.faults.streamTtlMs;
}
