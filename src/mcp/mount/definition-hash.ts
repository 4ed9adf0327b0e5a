import { createHash } from "node:crypto";
import type { Tool } from "@modelcontextprotocol/client";

/**
 * Hash of everything about a foreign tool that a model reads or that decides what is sent. A server
 * that changes its words after it was looked at ("rug pull") gets another hash, and is refused.
 */
export function definitionHash(tool: Tool): string {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  const seen = { name, title, description, inputSchema, outputSchema, annotations };
  return `sha256:${createHash("sha256").update(canonical(seen)).digest("hex")}`;
}

/** JSON with sorted keys, so that the order in which a server sends them does not matter. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`);
  return `{${entries.join(",")}}`;
}
