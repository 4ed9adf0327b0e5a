import { z } from "zod";
import type { FakeRequest } from "./fake-openai.ts";

const textSchema = z.union([
  z.string(),
  z
    .array(z.object({ text: z.string().default("") }))
    .transform((parts) => parts.map(({ text }) => text).join("")),
]);
const messageSchema = z.object({
  role: z.string().optional(),
  type: z.string().optional(),
  content: textSchema.nullish(),
  output: textSchema.nullish(),
});
const toolSchema = z.object({
  name: z.string().optional(),
  function: z.object({ name: z.string() }).optional(),
});

/** A cause as the first message lists it. */
export interface ListedCause {
  readonly key: string;
  readonly confidence: number;
  readonly services: readonly string[];
  readonly supporting: readonly string[];
}

/** What a model would read in a request of either wire, and no more. */
export interface ReadRequest {
  readonly opening: string;
  /** Results of tools so far, oldest first. */
  readonly results: readonly string[];
  readonly tools: readonly string[];
  readonly causes: readonly ListedCause[];
  /** Findings by id, from the opening and from results. */
  readonly findings: ReadonlyMap<string, string>;
}

/** Reads the bodies of both APIs, chat completions (`messages`) and responses (`input`). */
export function readRequest({ body }: FakeRequest): ReadRequest {
  const said = z.array(messageSchema).parse(body.messages ?? body.input ?? []);
  const isResult = (m: (typeof said)[number]) =>
    m.role === "tool" || m.type === "function_call_output";
  const opening = said.find(({ role }) => role === "user")?.content ?? "";
  const results = said.filter(isResult).map((m) => m.output ?? m.content ?? "");
  const tools = z.array(toolSchema).parse(body.tools ?? []);
  return {
    opening,
    results,
    tools: tools.map((tool) => tool.name ?? tool.function?.name ?? ""),
    causes: linesOf(opening, "computed ranking").flatMap(causeOf),
    findings: new Map([opening, ...results].flatMap(findingsIn)),
  };
}

/** Lines of a fenced block. */
export function linesOf(text: string, label: string): string[] {
  const block = new RegExp(`^DATA ${label}\\n([\\s\\S]*?)\\nEND DATA$`, "m").exec(text);
  return block?.[1]?.split("\n") ?? [];
}

function causeOf(line: string): ListedCause[] {
  const found = /^(.+?) \([^()]*confidence ([\d.]+)\) \|/.exec(line);
  if (!found) return [];
  const [, key = "", confidence = "0"] = found;
  const services = [...key.matchAll(/service:([^|\s]+)/g)].map(([, service = ""]) => service);
  const supporting = / \| for ([E\d ]+)/.exec(line)?.[1]?.trim().split(" ") ?? [];
  return [{ key, confidence: Number(confidence), services, supporting }];
}

function findingsIn(text: string): [string, string][] {
  return [...text.matchAll(/^(E\d+) (.+)$/gm)].map(([, id = "", statement = ""]) => [
    id,
    statement,
  ]);
}
