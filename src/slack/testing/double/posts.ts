import { asJson } from "../../blocks/shape-checks.ts";
import { blocksOf, channelOf, type Method, no, ok, refused, target } from "./calls.ts";
import { expired } from "./streams.ts";

/** `chat.postMessage`: needs membership, and text or blocks. */
export const post: Method = (call) => {
  const { workspace, input } = call;
  const channel = channelOf(call);
  if (!channel) return no("channel_not_found");
  if (!channel.botIsMember) return no("not_in_channel");
  const blocks = blocksOf(input);
  if (!input.text && blocks.length === 0) return no("no_text");
  const fault = refused(blocks, "message", workspace);
  if (fault) return fault;
  const threadTs = input.thread_ts ? String(input.thread_ts) : null;
  if (threadTs && !workspace.find(channel.id, threadTs)) return no("thread_not_found");
  const message = workspace.add({
    channel: channel.id,
    text: String(input.text ?? ""),
    blocks,
    bot: workspace.botId,
    threadTs,
    metadata: asJson(input.metadata),
    broadcast: input.reply_broadcast === true || input.reply_broadcast === "true",
    unfurl: String(input.unfurl_links) !== "false" || String(input.unfurl_media) !== "false",
  });
  return ok({ channel: channel.id, ts: message.ts, message: { ts: message.ts } });
};

/** `chat.postEphemeral`: one person sees it, and it can never be edited. */
export const ephemeral: Method = (call) => {
  const { workspace, input } = call;
  const channel = channelOf(call);
  if (!channel) return no("channel_not_found");
  if (!workspace.users.has(String(input.user))) return no("user_not_in_channel");
  const fault = refused(blocksOf(input), "message", workspace);
  if (fault) return fault;
  const message = workspace.add({
    channel: channel.id,
    text: String(input.text ?? ""),
    blocks: blocksOf(input),
    bot: workspace.botId,
    threadTs: input.thread_ts ? String(input.thread_ts) : null,
    ephemeralFor: String(input.user),
  });
  return ok({ message_ts: message.ts });
};

/** `chat.update`: own messages only, and none whose stream is still open. */
export const update: Method = (call) => {
  const message = target(call);
  if (!message) return no("message_not_found");
  if (!message.bot) return no("cant_update_message");
  if (message.stream?.open && !expired(call, message)) return no("streaming_state_conflict");
  const fault = refused(blocksOf(call.input), "message", call.workspace);
  if (fault) return fault;
  message.stream = null;
  message.text = String(call.input.text ?? "");
  message.blocks = blocksOf(call.input);
  call.workspace.snapshot(message);
  return ok({ channel: message.channel, ts: message.ts });
};
