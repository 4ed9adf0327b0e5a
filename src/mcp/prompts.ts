import { completable, type GetPromptResult, type McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Principal } from "../core/principal.ts";
import { packageText } from "./assets.ts";
import { cleanText } from "./clean.ts";
import { completions } from "./completions.ts";
import type { McpParts } from "./parts.ts";

const names = ["triage", "explain-alarm", "postmortem", "handover"] as const;

/** Words of a prompt, from `prompts/mcp-<name>.md`. */
export interface PromptText {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputs: readonly string[];
  readonly body: string;
}

/** The prompts this door offers, read once. */
export function promptTexts(): readonly PromptText[] {
  return names.map((name) => parsePrompt(name, packageText("prompts", `mcp-${name}.md`)));
}

/** Registers every prompt, with completion of its inputs for this caller. */
export function registerPrompts(
  server: McpServer,
  texts: readonly PromptText[],
  parts: McpParts,
  caller: Principal,
): void {
  const complete = completions(parts, caller);
  for (const text of texts) {
    const shape = Object.fromEntries(
      text.inputs.map((input) => {
        const words = z
          .string()
          .max(2_000)
          .describe(inputWords[input] ?? input);
        return [input, completable(words, (value) => complete(input, value)).optional()];
      }),
    );
    const { title, description } = text;
    server.registerPrompt(text.name, { title, description, argsSchema: z.object(shape) }, (args) =>
      filled(text, args),
    );
  }
}

const inputWords: Readonly<Record<string, string>> = {
  incident: "Incident id",
  service: "Service the symptom shows on",
  symptom: "What was noticed",
  alarm: "Name or text of the alarm",
  since: "ISO 8601; default: the last 24 hours",
};

/** The prompt's words as they stand, and the inputs after them: data is never spliced in. */
function filled(text: PromptText, args: Readonly<Record<string, unknown>>): GetPromptResult {
  const given = text.inputs
    .filter((input) => typeof args[input] === "string" && args[input] !== "")
    .map((input) => `${input}: ${JSON.stringify(cleanText(String(args[input])))}`);
  const inputs = given.length > 0 ? `\n\nInputs (data):\n${given.join("\n")}` : "";
  return {
    description: text.description,
    messages: [{ role: "user", content: { type: "text", text: `${text.body}${inputs}` } }],
  };
}

function parsePrompt(name: string, file: string): PromptText {
  const [, head = "", body = ""] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(file) ?? [];
  const field = (key: string) => new RegExp(`^${key}: (.*)$`, "m").exec(head)?.[1] ?? "";
  return {
    name,
    title: field("title"),
    description: field("description"),
    inputs: field("inputs").split(", ").filter(Boolean),
    body: body.trim(),
  };
}
