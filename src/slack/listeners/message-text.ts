import { type Json, list } from "../blocks/shape-checks.ts";

/** Slack's wire form as plain words: entities resolved, links by their address, ids kept. */
export function readable(text: string): string {
  return text
    .replace(/<([^|>]+)\|([^>]*)>/g, (_, target: string, label: string) =>
      /^https?:/.test(target) ? target : label,
    )
    .replace(/<([^>]+)>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * What a message says: its text, else that of its blocks, and that of its attachments, in which
 * many integrations put all of an alarm. Empty for a picture or a file alone.
 */
export function textOfMessage(message: Json): string {
  const own = textIn(message.text) || textOfBlocks(message.blocks);
  return [own, ...list(message.attachments).map(textOfAttachment)].filter(Boolean).join(" | ");
}

function textOfAttachment(attachment: Json): string {
  const { pretext, title, text, fields, blocks, fallback } = attachment;
  const lines = list(fields).map((field) => `${textIn(field.title)}: ${textIn(field.value)}`);
  const parts = [textIn(pretext), textIn(title), textIn(text), textOfBlocks(blocks), ...lines];
  return parts.filter(Boolean).join(" | ") || textIn(fallback);
}

/** Of headers, sections and contexts; other kinds are for pressing or looking at. */
function textOfBlocks(blocks: unknown): string {
  const parts = list(blocks).flatMap((block) => [
    block.text,
    ...list(block.fields),
    ...list(block.elements),
  ]);
  return parts.map(textIn).filter(Boolean).join(" | ");
}

/** Of a string or a text object; empty for anything else. */
function textIn(value: unknown): string {
  if (typeof value === "string") return readable(value);
  if (typeof value !== "object" || value === null || !("text" in value)) return "";
  return typeof value.text === "string" ? readable(value.text) : "";
}
