import { asJson, type Json, list } from "../../blocks/shape-checks.ts";
import type { Surface } from "../../blocks/types.ts";
import { validate } from "../../blocks/validate.ts";
import type { Faults } from "./faults.ts";
import type { DoubleMessage, Workspace } from "./workspace.ts";

/** What a Web API method answers; an error carries Slack's own code. */
export type Answer = Json & { readonly ok: boolean };

export interface Call {
  readonly workspace: Workspace;
  readonly faults: Faults;
  readonly input: Json;
  readonly origin: string;
}

type Method = (call: Call) => Answer;

export const ok = (more: Json = {}): Answer => ({ ok: true, ...more });
export const no = (error: string, messages: readonly string[] = []): Answer => ({
  ok: false,
  error,
  response_metadata: { messages },
});

/** Scopes of which one is needed (docs.slack.dev/reference/methods). */
export const scopesOf: Readonly<Record<string, readonly string[]>> = {
  "chat.postMessage": ["chat:write"],
  "chat.postEphemeral": ["chat:write"],
  "chat.update": ["chat:write"],
  "chat.startStream": ["chat:write"],
  "chat.appendStream": ["chat:write"],
  "chat.stopStream": ["chat:write"],
  "assistant.threads.setStatus": ["chat:write", "assistant:write"],
  "assistant.threads.setSuggestedPrompts": ["assistant:write"],
  "agents.sessions.setStatus": ["chat:write"],
  "reactions.add": ["reactions:write"],
  "reactions.remove": ["reactions:write"],
  "conversations.history": ["channels:history", "groups:history"],
  "conversations.replies": ["channels:history", "groups:history", "im:history"],
  "conversations.info": ["channels:read", "groups:read", "im:read"],
  "users.info": ["users:read"],
  "usergroups.users.list": ["usergroups:read"],
  "files.getUploadURLExternal": ["files:write"],
  "files.completeUploadExternal": ["files:write"],
  "files.info": ["files:read"],
};

function blocksOf(input: Json): Json[] {
  return list(input.blocks);
}

function refused(blocks: readonly Json[], surface: Surface, workspace: Workspace): Answer | null {
  const faults = validate(blocks, surface);
  if (faults.some((fault) => fault.rule === "msg_blocks_too_long"))
    return no("msg_blocks_too_long");
  if (faults.length > 0) {
    return no(
      "invalid_blocks",
      faults.map((fault) => `${fault.rule} [json-pointer:${fault.path}]`),
    );
  }
  for (const block of blocks.filter((one) => one.type === "image" && one.slack_file)) {
    const file = workspace.files.get(String(asJson(block.slack_file).id));
    if (!file?.ready) return no("invalid_blocks", ["invalid slack file"]);
  }
  return null;
}

function channelOf(call: Call) {
  const id = String(call.input.channel ?? call.input.channel_id);
  return call.workspace.users.has(id) ? call.workspace.imOf(id) : call.workspace.channels.get(id);
}

function target(call: Call): DoubleMessage | undefined {
  return call.workspace.find(String(call.input.channel), String(call.input.ts));
}

const post: Method = (call) => {
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

const ephemeral: Method = (call) => {
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

const update: Method = (call) => {
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

function expired(call: Call, message: DoubleMessage): boolean {
  const startedAt = message.stream?.startedAt ?? 0;
  return call.workspace.clock.now() - startedAt > call.faults.streamTtlMs;
}

const startStream: Method = (call) => {
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

const appendStream: Method = (call) => {
  const message = target(call);
  if (!message) return no("message_not_found");
  if (!message.stream?.open || expired(call, message)) return no("message_not_in_streaming_state");
  const fault = applyChunks(message, call.input);
  if (fault) return fault;
  call.workspace.snapshot(message);
  return ok({ channel: message.channel, ts: message.ts });
};

const stopStream: Method = (call) => {
  const message = target(call);
  if (!message) return no("message_not_found");
  if (!message.stream?.open || expired(call, message)) return no("message_not_in_streaming_state");
  const blocks = blocksOf(call.input);
  const fault = refused(blocks, "message", call.workspace) ?? applyChunks(message, call.input);
  if (fault) return fault;
  message.stream.open = false;
  message.stream.tail = blocks;
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

const openView: Method = (call) => {
  const { workspace, input } = call;
  const trigger = workspace.triggers.get(String(input.trigger_id));
  if (!trigger) return no("invalid_trigger_id");
  if (trigger.used) return no("exchanged_trigger_id");
  if (workspace.clock.now() - trigger.at > 3_000) return no("expired_trigger_id");
  const fault = viewFault(asJson(input.view), "modal");
  if (fault) return fault;
  trigger.used = true;
  const id = `V${workspace.next()}`;
  const hash = `h${workspace.next()}`;
  workspace.views.set(id, { id, user: trigger.user, hash, view: asJson(input.view), open: true });
  workspace.changed();
  return ok({ view: { id, hash, ...asJson(input.view) } });
};

function viewFault(view: Json, surface: Surface): Answer | null {
  const faults = validate(list(view.blocks), surface);
  const title = String(asJson(view.title).text ?? "");
  const messages = faults.map((fault) => `${fault.rule} [json-pointer:/view/blocks${fault.path}]`);
  if (surface === "modal" && (title.length === 0 || title.length > 24)) messages.push("title");
  if (String(view.private_metadata ?? "").length > 3_000) messages.push("private_metadata");
  const hasInput = list(view.blocks).some((block) => block.type === "input");
  if (surface === "modal" && hasInput && !view.submit) messages.push("missing submit");
  return messages.length > 0 ? no("invalid_arguments", messages) : null;
}

const updateView: Method = (call) => {
  const view = call.workspace.views.get(String(call.input.view_id));
  if (!view?.open) return no("not_found");
  if (call.input.hash && call.input.hash !== view.hash) return no("hash_conflict");
  const fault = viewFault(asJson(call.input.view), "modal");
  if (fault) return fault;
  view.view = asJson(call.input.view);
  view.hash = `h${call.workspace.next()}`;
  call.workspace.changed();
  return ok({ view: { id: view.id, hash: view.hash, ...view.view } });
};

const publishView: Method = (call) => {
  const view = asJson(call.input.view);
  const fault = viewFault(view, "home");
  if (fault) return fault;
  call.workspace.homes.set(String(call.input.user_id), view);
  call.workspace.changed();
  return ok({ view });
};

/** Messages as the conversations methods give them: nothing that only one person sees. */
function asRead(messages: readonly DoubleMessage[]): Json[] {
  return messages
    .filter((one) => one.ephemeralFor === null && !one.deleted)
    .map(({ ts, text, user, bot, metadata }) => ({ ts, text, user, bot_id: bot, metadata }));
}

const reply: Method = (call) => {
  const { workspace, input } = call;
  const messages = asRead(workspace.thread(String(input.channel), String(input.ts)));
  return ok({ messages, has_more: false });
};

/** Every method the double knows; anything else fails the test that called it. */
export const methods: Readonly<Record<string, Method>> = {
  "auth.test": ({ workspace, origin }) =>
    ok({
      url: `${origin}/`,
      team: "Double",
      team_id: workspace.team,
      user: "shodo",
      user_id: workspace.botUser,
      bot_id: workspace.botId,
    }),
  "apps.connections.open": ({ origin }) => ok({ url: `${origin.replace("http", "ws")}/socket` }),
  "chat.postMessage": post,
  "chat.postEphemeral": ephemeral,
  "chat.update": update,
  "chat.startStream": startStream,
  "chat.appendStream": appendStream,
  "chat.stopStream": stopStream,
  "chat.getPermalink": ({ workspace, input }) =>
    ok({
      permalink: `https://double.slack.com/archives/${input.channel}/p${String(input.message_ts).replace(".", "")}?team=${workspace.team}`,
    }),
  "views.open": openView,
  "views.update": updateView,
  "views.publish": publishView,
  "conversations.replies": reply,
  "conversations.history": (call) => {
    const channel = channelOf(call);
    if (!channel) return no("channel_not_found");
    if (!channel.botIsMember) return no("not_in_channel");
    const messages = call.workspace.messages.filter((one) => one.channel === channel.id);
    return ok({
      messages: asRead(messages)
        .slice(-Number(call.input.limit ?? 100))
        .reverse(),
    });
  },
  "conversations.info": (call) => {
    const channel = channelOf(call);
    if (!channel) return no("channel_not_found");
    return ok({
      channel: {
        id: channel.id,
        name: channel.name,
        is_member: channel.botIsMember,
        is_im: channel.isIm,
      },
    });
  },
  "reactions.add": (call) => {
    const message = call.workspace.find(String(call.input.channel), String(call.input.timestamp));
    if (!message) return no("message_not_found");
    if (message.reactions.has(String(call.input.name))) return no("already_reacted");
    message.reactions.add(String(call.input.name));
    call.workspace.changed();
    return ok();
  },
  "reactions.remove": (call) => {
    const message = call.workspace.find(String(call.input.channel), String(call.input.timestamp));
    if (!message?.reactions.delete(String(call.input.name))) return no("no_reaction");
    call.workspace.changed();
    return ok();
  },
  "assistant.threads.setStatus": ({ workspace, input }) => {
    if (workspace.statuses.length < 5_000) {
      workspace.statuses.push({
        thread: `${input.channel_id}:${input.thread_ts}`,
        status: String(input.status),
        loading: Array.isArray(input.loading_messages) ? input.loading_messages.map(String) : [],
      });
    }
    workspace.changed();
    return list(input.loading_messages).length > 10 ? no("invalid_arguments") : ok();
  },
  "assistant.threads.setSuggestedPrompts": ({ workspace, input }) => {
    if (list(input.prompts).length > 4) return no("invalid_arguments", ["at most 4 prompts"]);
    workspace.prompts.push({ channel: String(input.channel_id), prompts: list(input.prompts) });
    workspace.changed();
    return ok();
  },
  "agents.sessions.setStatus": ({ workspace, input }) => {
    const isStatus = ["active", "processing", "suspended", "closed"].includes(String(input.status));
    if (!isStatus) return no("invalid_status");
    if (String(input.title ?? "").length > 200) return no("invalid_arguments", ["title"]);
    const key = `${input.channel_id}:${input.thread_ts}`;
    const known = workspace.sessions.get(key);
    workspace.sessions.set(key, {
      status: String(input.status),
      title: known?.title ?? String(input.title ?? ""),
    });
    workspace.changed();
    return ok();
  },
  "users.info": ({ workspace, input }) => {
    const user = workspace.users.get(String(input.user));
    if (!user) return no("user_not_found");
    return ok({ user: { id: user.id, name: user.name, team_id: user.team, real_name: user.name } });
  },
  "usergroups.users.list": ({ workspace, input }) => {
    const users = workspace.groups.get(String(input.usergroup));
    return users ? ok({ users }) : no("no_such_subteam");
  },
  "files.getUploadURLExternal": ({ workspace, input, origin }) => {
    const id = `F${workspace.next()}`;
    const file = { id, name: String(input.filename), body: new Uint8Array(), mimetype: "" };
    workspace.files.set(id, { ...file, ready: false, polls: 0 });
    return ok({ upload_url: `${origin}/upload/${id}`, file_id: id });
  },
  "files.completeUploadExternal": ({ workspace, input }) => {
    const files = list(input.files).map((one) => ({ id: String(one.id) }));
    if (input.channel_id) {
      workspace.add({
        channel: String(input.channel_id),
        text: String(input.initial_comment ?? ""),
        bot: workspace.botId,
        threadTs: input.thread_ts ? String(input.thread_ts) : null,
        blocks: files.map((file) => ({
          type: "image",
          slack_file: file,
          alt_text: workspace.files.get(file.id)?.name ?? "file",
        })),
      });
    }
    return ok({ files });
  },
  "files.info": ({ workspace, input, faults }) => {
    const file = workspace.files.get(String(input.file));
    if (!file) return no("file_not_found");
    file.polls += 1;
    if (file.polls > faults.filePolls) {
      file.ready = true;
      file.mimetype = file.name.endsWith(".png") ? "image/png" : "text/plain";
    }
    return ok({ file: { id: file.id, name: file.name, mimetype: file.mimetype } });
  },
};
