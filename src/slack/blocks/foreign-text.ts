import { redact, stripInvisible } from "../../core/redaction.ts";

/**
 * Text that came from telemetry, alarms, people or a model is data. These functions are the only
 * way it enters a message: nothing in it can ping, link, format or hide.
 */

/** Control, bidirectional, zero-width, tag and variation characters: invisible, so never shown. */
const invisible =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]|[\u2028\u2029]|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0|[\ufe00-\ufe0f]/gu;

/** `@here` and its kin, also where a client would read a longer word as one. */
const ping = /@(?=channel|here|everyone|[UWSB][A-Z0-9]{6,})/gi;

/** What Slack reads as a mention or a link when it stands in angle brackets. */
const bracket = /<(?=[!@#]|[a-z]+:)/gi;

/** Cuts to `max` characters (code points are kept whole) and says so with an ellipsis. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, Math.max(0, max - 1));
  const last = cut.charCodeAt(cut.length - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return `${(isHalf ? cut.slice(0, -1) : cut).trimEnd()}…`;
}

/** No message holds more, so nothing beyond it is looked at: a line may be a megabyte long. */
const readMax = 50_000;

/**
 * Without escapes, secrets and personal data; before anything is cut, since a secret that was cut
 * in two is no longer known as one. Of a text that is too long even to be read, the last word goes
 * too.
 */
export function cleaned(text: string): string {
  const read = text.length > readMax ? text.slice(0, readMax).replace(/\S+$/, "") : text;
  return redact(stripInvisible(read));
}

/** Visible characters only, no mention, no link that a client would make clickable. */
export function inert(text: string): string {
  return cleaned(text)
    .replace(invisible, "")
    .replace(ping, "@ ")
    .replace(bracket, "‹")
    .replace(/:\/\//g, "[:]//")
    .replace(/mailto:/gi, "mailto[:]")
    .replace(/\bwww\./gi, "www[.]");
}

/** One line for a `plain_text` object. */
export function plain(text: string, max: number): string {
  return clip(inert(text).replace(/\s+/g, " ").trim(), max);
}

/**
 * One line for a `mrkdwn` object: `&`, `<`, `>` escaped as Slack asks, formatting marks made inert.
 */
export function mrkdwn(text: string, max: number): string {
  const line = plain(text, max).replace(/[*_~`]/g, (mark) => looksAlike[mark] ?? mark);
  return escapeMrkdwn(line);
}

/** `&`, `<` and `>` as entities: all that Slack's mrkdwn needs (docs.slack.dev, formatting). */
export function escapeMrkdwn(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** One line for a `markdown` block: every mark of Markdown is inert. */
export function markdown(text: string, max: number): string {
  return plain(text, max)
    .replace(/[<>]/g, (mark) => (mark === "<" ? "‹" : "›"))
    .replace(/[\\`*_[\]#|~!]/g, (mark) => `\\${mark}`);
}

/**
 * Several lines of prose that may hold lists, bold and inline code (an analyst's answer), for a
 * `markdown` block. Links, images, headings and HTML become plain words.
 */
export function prose(text: string, max: number): string {
  const lines = inert(text.replace(/\r\n?/g, "\n"))
    .replace(/!?\[([^\]\n]*)\]\(([^)\n]*)\)/g, "$1 ($2)")
    .replace(/[<>]/g, (mark) => (mark === "<" ? "‹" : "›"))
    .split("\n")
    .map((line) => line.replace(/^\s{0,3}#{1,6}\s+/, "").replace(/^\s{4,}(?![-*\d])/, ""));
  return clip(lines.join("\n").trim(), max);
}

/**
 * Text inside a code fence or `rich_text_preformatted`: line breaks kept, the fence cannot close.
 */
export function preformatted(text: string, max: number): string {
  return clip(text.replace(invisible, "").replace(/`{3,}/g, "'''"), max);
}

/** An address that may be a button or a source: https, no user name, no line breaks; else null. */
export function safeUrl(url: string | undefined | null, hosts: readonly string[]): string | null {
  if (!url || url.length > 3_000 || !URL.canParse(url)) return null;
  const parsed = new URL(url);
  if (parsed.protocol !== "https:" || parsed.username || parsed.password) return null;
  const host = parsed.hostname.toLowerCase();
  const isAllowed = hosts.some((name) => host === name || host.endsWith(`.${name}`));
  return isAllowed ? parsed.href : null;
}

const looksAlike: Readonly<Record<string, string>> = { "*": "∗", _: "_", "~": "∼", "`": "'" };
