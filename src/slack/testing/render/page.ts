import { asJson, list } from "../../blocks/shape-checks.ts";
import type { SlackDouble } from "../double/slack-double.ts";
import { type DoubleMessage, rendered } from "../double/workspace.ts";
import { blocksHtml, type Scene } from "./blocks-html.ts";
import { styles } from "./styles.ts";
import { escapeHtml, mrkdwnHtml } from "./text-html.ts";

/** What the page shows. */
export interface Look {
  readonly user: string;
  readonly channel: string;
  readonly thread: string | null;
  readonly view: "channel" | "home";
}

/** A page that renders the double's workspace as a person would see it, and lets them press. */
export function pageHtml(double: SlackDouble, look: Look): string {
  const { workspace } = double;
  const channels = [...workspace.channels.values()].filter((one) => !one.isIm);
  const query = (more: Partial<Look>) => {
    const next = { ...look, ...more };
    return `/?user=${next.user}&channel=${next.channel}&thread=${next.thread ?? ""}&view=${next.view}`;
  };
  const side = channels
    .map((one) => {
      const isHere = look.view === "channel" && one.id === look.channel;
      const href = query({ channel: one.id, thread: null, view: "channel" });
      return `<a class="${isHere ? "here" : ""}" href="${href}"># ${escapeHtml(one.name)}</a>`;
    })
    .join("");
  const people = [...workspace.users.values()]
    .map(
      (one) =>
        `<a class="${one.id === look.user ? "here" : ""}" href="${query({ user: one.id })}">${escapeHtml(one.name)}</a>`,
    )
    .join("");
  const modal = double.user(look.user).modal();
  const main = look.view === "home" ? homeHtml(double, look) : channelHtml(double, look, query);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shodo in a Slack double</title><style>${styles}</style></head><body>
<nav><b>Double workspace</b>${side}<a class="${look.view === "home" ? "here" : ""}" href="${query({ view: "home" })}">Shodo · Home</a><b>You are</b>${people}</nav>
<main>${main}</main>${modal ? modalHtml(double, asJson(modal.view)) : ""}
<script>${script(look)}</script></body></html>`;
}

function channelHtml(
  double: SlackDouble,
  look: Look,
  query: (more: Partial<Look>) => string,
): string {
  const { workspace } = double;
  const visible = workspace.messages.filter(
    (one) =>
      one.channel === look.channel &&
      !one.deleted &&
      (one.ephemeralFor === null || one.ephemeralFor === look.user),
  );
  const roots = visible.filter((one) => one.threadTs === null || one.broadcast);
  const inThread = (root: string) => visible.filter((one) => one.threadTs === root);
  const column = roots
    .map((one) => {
      const count = inThread(one.ts).length;
      const link =
        count > 0
          ? `<a class="replies" href="${query({ thread: one.ts })}">${count === 1 ? "1 reply" : `${count} replies`}</a>`
          : "";
      return messageHtml(double, one) + link;
    })
    .join("");
  const root = look.thread ? workspace.find(look.channel, look.thread) : null;
  const here = workspace.channels.get(look.channel);
  const name = here?.isIm ? "Shodo" : `# ${here?.name ?? ""}`;
  const channelColumn = `<section class="column"><h2>${escapeHtml(name)}</h2>${column}${promptsHtml(double, look)}${composer(null)}</section>`;
  if (!root) return channelColumn;
  const replies = inThread(root.ts)
    .map((one) => messageHtml(double, one))
    .join("");
  return `${channelColumn}<section class="column thread"><h2>Thread</h2>${messageHtml(double, root)}<hr>${replies}${statusHtml(double, look.channel, root.ts)}${composer(root.ts)}</section>`;
}

/** The prompts above the composer of a direct message. */
function promptsHtml(double: SlackDouble, look: Look): string {
  const last = double.workspace.prompts.findLast((one) => one.channel === look.channel);
  const buttons = last?.prompts.map((one) => `<button>${escapeHtml(String(one.title))}</button>`);
  return buttons ? `<div class="actions">${buttons.join("")}</div>` : "";
}

function composer(thread: string | null): string {
  return `<form class="composer" data-thread="${thread ?? ""}"><input placeholder="${thread ? "Reply…" : "Message, @Shodo, or /investigate …"}"></form>`;
}

function statusHtml(double: SlackDouble, channel: string, thread: string): string {
  const session = double.workspace.sessions.get(`${channel}:${thread}`);
  if (session?.status !== "processing") return "";
  return `<div class="status">Shodo is working… <button data-stop="${thread}">◼ Stop</button></div>`;
}

function messageHtml(double: SlackDouble, message: DoubleMessage): string {
  const { workspace } = double;
  const isApp = message.bot === workspace.botId;
  const name = message.user
    ? (workspace.users.get(message.user)?.name ?? message.user)
    : isApp
      ? "Shodo"
      : "CloudWatch alarms";
  const blocks = rendered(message);
  const scene: Scene = {
    workspace,
    act: (what) =>
      `data-act="${escapeHtml(JSON.stringify({ ...what, channel: message.channel, ts: message.ts }))}"`,
  };
  const body =
    blocks.length > 0 ? blocksHtml(blocks, scene) : `<p>${mrkdwnHtml(message.text, workspace)}</p>`;
  const time = new Date(Number(message.ts) * 1_000).toISOString().slice(11, 16);
  const reactions = [...message.reactions]
    .map((one) => `<span class="reaction">${emoji[one] ?? one} 1</span>`)
    .join("");
  const badge = isApp ? '<span class="badge">APP</span>' : "";
  const only = message.ephemeralFor ? '<div class="only">👁 Only visible to you</div>' : "";
  return `<article class="${message.ephemeralFor ? "ephemeral" : ""}"><div class="avatar ${isApp ? "app" : ""}">${isApp ? "初" : escapeHtml(name.slice(0, 1).toUpperCase())}</div><div class="body">${only}<div class="name">${escapeHtml(name)} ${badge}<time>${time}</time></div>${body}<div>${reactions}</div><button class="menu" data-shortcut="${message.ts}">⋯ Investigate this</button></div></article>`;
}

const emoji: Readonly<Record<string, string>> = {
  eyes: "👀",
  white_check_mark: "✅",
  warning: "⚠️",
  repeat: "🔁",
};

function homeHtml(double: SlackDouble, look: Look): string {
  const home = double.workspace.homes.get(look.user);
  const scene: Scene = {
    workspace: double.workspace,
    act: (what) => `data-act="${escapeHtml(JSON.stringify({ ...what, home: true }))}"`,
  };
  const body = home ? blocksHtml(list(home.blocks), scene) : "<p>Nothing published yet.</p>";
  return `<section class="column home"><h2>Shodo</h2>${body}</section>`;
}

function modalHtml(double: SlackDouble, view: Readonly<Record<string, unknown>>): string {
  const scene: Scene = { workspace: double.workspace, act: () => "" };
  const text = (value: unknown) => escapeHtml(String(asJson(value).text ?? ""));
  const submit = view.submit
    ? `<button class="primary" type="submit">${text(view.submit)}</button>`
    : "";
  const close = view.close ? `<button type="button" data-close>${text(view.close)}</button>` : "";
  return `<div class="veil"><form class="modal"><h2>${text(view.title)}</h2><div class="inner">${blocksHtml(
    list(view.blocks),
    scene,
  )}</div><footer>${close}${submit}</footer></form></div>`;
}

/**
 * Presses go to the server, which acts for the chosen person; the page reloads when things change.
 */
function script(look: Look): string {
  return `
const look = ${JSON.stringify(look)};
const send = async (body) => { const r = await fetch("/act", { method: "POST", body: JSON.stringify({ ...look, ...body }) }); const text = await r.text(); if (text) alert(text); };
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-act],[data-stop],[data-shortcut],[data-close]");
  if (!target || target.tagName === "SELECT") return;
  event.preventDefault();
  if (target.dataset.act) send({ kind: "click", ...JSON.parse(target.dataset.act) });
  else if (target.dataset.stop) send({ kind: "stop", ts: target.dataset.stop });
  else if (target.dataset.shortcut) send({ kind: "shortcut", ts: target.dataset.shortcut });
  else send({ kind: "close" });
});
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-act]") && event.target.value) send({ kind: "select", option: event.target.value, ...JSON.parse(event.target.dataset.act) });
});
document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.matches(".composer")) { const input = form.querySelector("input"); send({ kind: "write", text: input.value, reply: form.dataset.thread }); input.value = ""; }
  else send({ kind: "submit", values: Object.fromEntries(new FormData(form)) });
});
new EventSource("/changes").onmessage = () => {
  if (document.activeElement && /INPUT|TEXTAREA/.test(document.activeElement.tagName) && document.activeElement.value) return;
  location.reload();
};`;
}
