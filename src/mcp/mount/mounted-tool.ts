import type { CallToolResult, Tool as ForeignTool } from "@modelcontextprotocol/client";
import { z } from "zod";
import type { Finding } from "../../core/evidence.ts";
import type { Tool, ToolContext, ToolResult } from "../../core/tool.ts";
import { cleanText } from "../clean.ts";
import { fence } from "../fence.ts";
import { mcpLimits } from "../limits.ts";
import { definitionHash } from "./definition-hash.ts";
import type { Sessions } from "./session.ts";

const output = z.object({
  /** Fenced: what the other server said. */
  answer: z.string(),
});

export interface MountedToolOptions {
  /** Name of the mount: prefix of the tool's name. */
  readonly mount: string;
  readonly definition: ForeignTool;
  readonly hash: string;
  readonly sessions: Sessions;
  readonly now: () => number;
}

/** Name under which the analyst knows a foreign tool. */
export function mountedName(mount: string, name: string): string {
  return `${mount}_${name.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`.slice(0, 64);
}

/**
 * A tool of another MCP server as one of ours. Its words are the other server's, pinned by hash;
 * its answers are data in a fence; the hints it gives about itself are not believed.
 */
export function mountedTool(options: MountedToolOptions): Tool {
  const { mount, definition } = options;
  const about = cleanText(definition.description ?? definition.title ?? definition.name, 600);
  return {
    name: mountedName(mount, definition.name),
    title: cleanText(definition.title ?? definition.name, 80),
    description: `From the MCP server ${mount} (its words): ${about}`,
    input: inputOf(definition),
    output,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    },
    costly: true,
    run: (input, context) => run(options, input, context),
  };
}

async function run(
  options: MountedToolOptions,
  input: Readonly<Record<string, unknown>>,
  context: ToolContext,
): Promise<ToolResult<z.infer<typeof output>>> {
  const { mount, definition, hash, sessions } = options;
  const startedAt = options.now();
  let result: CallToolResult;
  try {
    const { client, tools } = await sessions.get();
    const offered = tools.find((tool) => tool.name === definition.name);
    if (!offered || definitionHash(offered) !== hash) return changed(mount, definition.name);
    result = await client.callTool(
      { name: definition.name, arguments: { ...input } },
      { signal: context.signal, timeout: mcpLimits.mountedCallMs },
    );
  } catch (error) {
    return unreachable(mount, definition.name, error, context.signal);
  }
  const text = textOf(result);
  const source = `${mount}/${definition.name}`;
  if (result.isError) {
    return {
      kind: "failed",
      reason: "malformed",
      message: `${source} reported an error: ${fence(source, text, 600)}`,
      next: "Correct the input, or answer without this tool.",
      retryable: false,
    };
  }
  if (text.trim() === "") {
    const next = "Ask differently, or answer without this tool.";
    return { kind: "empty", searched: source, reasons: ["it answered nothing"], next, gaps: [] };
  }
  const answer = fence(source, text, mcpLimits.mountedResultCharsMax);
  const finding = findingOf(options, input, context, { text, tookMs: options.now() - startedAt });
  return { kind: "data", output: { answer }, findings: [finding], gaps: [] };
}

/**
 * One item of evidence per answer: a sentence of ours, with the other server's words as a quote.
 */
function findingOf(
  { mount, definition }: MountedToolOptions,
  input: Readonly<Record<string, unknown>>,
  context: ToolContext,
  answer: { readonly text: string; readonly tookMs: number },
): Finding {
  const query = `${definition.name} ${JSON.stringify(input)}`;
  return {
    key: `mcp:${mount}:${query}`.slice(0, 400),
    layer: "application",
    kind: "note",
    statement: `${mount} answered ${definition.name} with ${answer.text.length} characters.`,
    quote: cleanText(answer.text, 300),
    window: context.window,
    weight: 0,
    provenance: [
      {
        source: `mcp:${mount}`,
        signal: "metrics",
        query: cleanText(query, 1_000),
        window: context.window,
        tookMs: answer.tookMs,
        rows: 1,
        bytesScanned: answer.text.length,
        truncated: answer.text.length > mcpLimits.mountedResultCharsMax,
      },
    ],
  };
}

/** Text blocks and structured content; images, audio and links are named, never fetched. */
function textOf(result: CallToolResult): string {
  const blocks = result.content.map((block) =>
    block.type === "text" ? block.text : `[${block.type} left out]`,
  );
  const isRepeated = blocks.length > 0 && result.structuredContent === undefined;
  const structured = isRepeated ? "" : JSON.stringify(result.structuredContent ?? "");
  return structured.length > 2 ? structured : blocks.join("\n");
}

/** The other server checks its own arguments; we only need the names and a ZodObject. */
function inputOf(definition: ForeignTool): z.ZodObject {
  try {
    const schema = z.fromJSONSchema(
      definition.inputSchema as Parameters<typeof z.fromJSONSchema>[0],
    );
    if (schema instanceof z.ZodObject) return schema;
  } catch {
    // A dialect that cannot be converted: take any object, the server will say what is wrong.
  }
  return z.looseObject({});
}

function changed(mount: string, name: string): ToolResult<never> {
  return {
    kind: "failed",
    reason: "denied",
    message: `${mount}/${name} is not what was accepted: its definition changed.`,
    next: "Someone must look at it and accept its new hash; answer without this tool.",
    retryable: false,
  };
}

function unreachable(
  mount: string,
  name: string,
  error: unknown,
  signal: AbortSignal,
): ToolResult<never> {
  if (signal.aborted) {
    const next = "Ask again when it is wanted.";
    const message = `The call to ${mount}/${name} was cancelled.`;
    return { kind: "failed", reason: "cancelled", message, next, retryable: true };
  }
  const why = cleanText(error instanceof Error ? error.message : String(error), 200);
  return {
    kind: "failed",
    reason: /timed? ?out/i.test(why) ? "timed-out" : "unavailable",
    message: `${mount}/${name} did not answer: ${fence(mount, why, 200)}`,
    next: "Go on without this tool; what it knows is a gap.",
    retryable: true,
  };
}
