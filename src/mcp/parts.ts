import type { CallToolResult, ServerContext } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { Analyst } from "../core/analyst.ts";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Principal } from "../core/principal.ts";
import type { Report } from "../core/report.ts";
import type { Runbook } from "../core/runbook.ts";
import { readOnly, type Tool, type ToolAnnotations } from "../core/tool.ts";

/** What the MCP door is made of. */
export interface McpParts {
  readonly analyst: Analyst;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Of the package, as clients are told. */
  readonly version: string;
  /** Recorded incidents that can be investigated without any configuration. */
  readonly demos: readonly DemoIncident[];
  /** Loaded at first use. */
  readonly runbooks: () => Promise<readonly Runbook[]>;
  /** True when nothing is configured and the demo incidents are all there is. */
  readonly isDemo: boolean;
  /** The report as people read it. */
  readonly markdown: (report: Report) => Promise<string>;
  /** Names that the telemetry knows, for completion; absent: those of recent incidents. */
  readonly names?: {
    services(text: string): Promise<readonly string[]>;
    metrics(text: string): Promise<readonly string[]>;
  };
  /** Tools of mounted servers, which may take long to connect: never part of the list. */
  readonly mounted?: () => Promise<readonly Tool[]>;
  /** Waits, or stops waiting when aborted; tests pass their own. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A capture that ships with the package. */
export interface DemoIncident {
  readonly name: string;
  readonly title: string;
  /** Folder of the capture. */
  readonly capture: string;
}

/** One request: who asks, and how to answer while the work goes on. */
export interface Call {
  readonly caller: Principal;
  readonly signal: AbortSignal;
  /** Sends a progress notification when the client asked for them; `total` where it is known. */
  progress(done: number, message: string, total?: number): Promise<void>;
  readonly context: ServerContext;
}

/** A tool as this door offers it; `tools/` and the investigation tools both become one. */
export interface McpTool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  /** JSON Schema of `structuredContent`. */
  readonly output: Record<string, unknown>;
  readonly annotations: ToolAnnotations;
  /** Least role that may call it. */
  readonly role: Principal["role"];
  readonly meta?: Record<string, unknown>;
  run(input: z.infer<Input>, call: Call): Promise<CallToolResult>;
}

/**
 * Hints of a tool that writes records of Shodo's own and nothing else; twice does no more than
 * once.
 */
export const recordsOnly: ToolAnnotations = { ...readOnly, readOnlyHint: false };

/** Keeps the literal type of the input schema for `run`. */
export function defineMcpTool<Input extends z.ZodObject>(tool: McpTool<Input>): McpTool {
  return tool as unknown as McpTool;
}
