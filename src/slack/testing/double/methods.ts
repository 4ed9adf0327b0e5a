import { type Json, list } from "../../blocks/shape-checks.ts";
import { channelOf, type Method, no, ok } from "./calls.ts";
import { ephemeral, post, update } from "./posts.ts";
import { appendStream, startStream, stopStream } from "./streams.ts";
import { openView, publishView, updateView } from "./views.ts";
import type { DoubleMessage } from "./workspace.ts";

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
