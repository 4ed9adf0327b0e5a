import { blockLimits as max } from "./block-limits.ts";
import { clip, escapeMrkdwn } from "./foreign-text.ts";
import type { Block, Button, Mrkdwn, PlainText, RichText } from "./types.ts";

/**
 * Small constructors, so that views read as what they show. Callers pass text already made inert.
 */
export function plainText(text: string, limit: number): PlainText {
  return { type: "plain_text", text: clip(text || " ", limit), emoji: true };
}

/** `verbatim` keeps Slack from turning bare words and addresses into links and mentions. */
export function mrkdwnText(text: string, limit: number = max.sectionText): Mrkdwn {
  return { type: "mrkdwn", text: clip(text || " ", limit), verbatim: true };
}

/** Plain text: no links, no marks; cut at Slack's 150 characters. */
export function header(text: string): Block {
  return { type: "header", text: plainText(text, max.header) };
}

/** The text is mrkdwn and must be escaped already. Shown in full, never behind "see more". */
export function section(text: string): Block {
  return { type: "section", text: mrkdwnText(text), expand: true };
}

/**
 * Two columns. Labels are escaped here, values must be already; more than ten pairs are dropped.
 */
export function fields(pairs: readonly (readonly [label: string, value: string])[]): Block {
  return {
    type: "section",
    fields: pairs
      .slice(0, max.sectionFields)
      .map(([label, value]) => mrkdwnText(`*${escapeMrkdwn(label)}*\n${value}`, max.sectionField)),
  };
}

/** Small grey text. Lines are mrkdwn, escaped already; more than ten are dropped. */
export function context(...lines: readonly string[]): Block {
  return {
    type: "context",
    elements: lines.slice(0, max.contextElements).map((line) => mrkdwnText(line, max.contextText)),
  };
}

/** `value` comes back with the press, unchanged; Slack takes 2,000 characters of it. */
export function button(options: {
  readonly text: string;
  readonly action: string;
  readonly value: string;
  readonly style?: "primary" | "danger";
}): Button {
  return {
    type: "button",
    text: plainText(options.text, max.buttonText),
    action_id: options.action,
    value: options.value,
    ...(options.style ? { style: options.style } : {}),
  };
}

/** The address must be checked already. Slack reports the press too, hence the action. */
export function linkButton(options: {
  readonly text: string;
  readonly action: string;
  readonly url: string;
}): Button {
  return {
    type: "button",
    text: plainText(options.text, max.buttonText),
    action_id: options.action,
    url: options.url,
  };
}

/**
 * One line of plain text, and addresses already checked, as the `rich_text` of a task or a cell.
 */
export function richLine(
  text: string,
  links: readonly { readonly url: string; readonly text: string }[] = [],
): RichText {
  const parts = links.flatMap((link) => [
    { type: "text" as const, text: "  " },
    { type: "link" as const, url: link.url, text: link.text },
  ]);
  return {
    type: "rich_text",
    elements: [
      { type: "rich_text_section", elements: [{ type: "text", text: text || " " }, ...parts] },
    ],
  };
}

/** Shown letter by letter: no marks, links or mentions come to life, so nothing is escaped. */
export function richCode(text: string): RichText {
  return {
    type: "rich_text",
    elements: [{ type: "rich_text_preformatted", elements: [{ type: "text", text: text || " " }] }],
  };
}
