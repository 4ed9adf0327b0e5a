import type { Workspace } from "../double/workspace.ts";

/** HTML of Slack's text forms, close enough to judge a screen by. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Slack's mrkdwn: entities stand, angle brackets are mentions, dates and links. */
export function mrkdwnHtml(text: string, workspace: Workspace): string {
  return text
    .split(/(<[^>]+>)/)
    .map((part) => (part.startsWith("<") ? token(part.slice(1, -1), workspace) : marks(part)))
    .join("")
    .replaceAll("\n", "<br>");
}

function token(inner: string, workspace: Workspace): string {
  const [target = "", label] = inner.split("|");
  if (target.startsWith("@")) {
    const name = workspace.users.get(target.slice(1))?.name ?? target.slice(1);
    return `<span class="mention">@${escapeHtml(name === target.slice(1) && name === workspace.botUser ? "Shodo" : name)}</span>`;
  }
  if (target.startsWith("#")) {
    const name = workspace.channels.get(target.slice(1))?.name ?? target;
    return `<span class="mention">#${escapeHtml(name)}</span>`;
  }
  if (target.startsWith("!date^")) return escapeHtml(label ?? "");
  if (target.startsWith("!"))
    return `<span class="mention loud">@${escapeHtml(target.slice(1))}</span>`;
  return `<a href="#">${escapeHtml(label ?? target)}</a>`;
}

/** Bold, strike, code on text whose entities are already escaped. */
function marks(text: string): string {
  return text
    .replace(/`([^`\n]+)`/g, "<code>$1</code>")
    .replace(/(^|[\s(·])\*([^*\n]+)\*/g, "$1<b>$2</b>")
    .replace(/(^|\s)_([^_\n]+)_/g, "$1<i>$2</i>")
    .replace(/~([^~\n]+)~/g, "<s>$1</s>");
}

/** The standard Markdown that `markdown` blocks hold. */
export function markdownHtml(text: string): string {
  const html: string[] = [];
  let list: "ul" | "ol" | null = null;
  const close = () => {
    if (list) html.push(`</${list}>`);
    list = null;
  };
  for (const line of text.split("\n")) {
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    const bullet = /^[-*]\s+(.*)$/.exec(line);
    const number = /^\d+\.\s+(.*)$/.exec(line);
    const wanted = bullet ? "ul" : number ? "ol" : null;
    if (wanted !== list) {
      close();
      if (wanted) html.push(`<${wanted}>`);
      list = wanted;
    }
    if (heading) html.push(`<h4>${inline(heading[1] ?? "")}</h4>`);
    else if (bullet ?? number) html.push(`<li>${inline((bullet ?? number)?.[1] ?? "")}</li>`);
    else if (line.trim() !== "") html.push(`<p>${inline(line)}</p>`);
  }
  close();
  return html.join("");
}

function inline(text: string): string {
  const kept: string[] = [];
  const held = text.replace(/\\([\\`*_[\]#|~!])/g, (_, mark: string) => {
    kept.push(mark);
    return `\ue000${kept.length - 1}\ue001`;
  });
  return escapeHtml(held)
    .replace(/\*\*(.+?)\*\*/g, "<b>$1</b>")
    .replace(/~~(.+?)~~/g, "<s>$1</s>")
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/(^|\s)_([^_]+)_/g, "$1<i>$2</i>")
    .replace(/\ue000(\d+)\ue001/g, (_, i: string) => escapeHtml(kept[Number(i)] ?? ""));
}
