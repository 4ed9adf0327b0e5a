import type { CallToolResult } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Finding } from "../core/evidence.ts";
import type { Provenance } from "../core/outcome.ts";
import type { Looked, Tool, ToolResult } from "../core/tool.ts";
import { toIso } from "../core/window.ts";
import { mcpLimits } from "./limits.ts";
import { cursorAt, offsetOf, pageOf } from "./page.ts";
import type { Call, McpParts, McpTool } from "./parts.ts";
import { badCursor, type Facts, noSuchIncident, refusal, reply } from "./reply.ts";
import { outputJson } from "./schema.ts";
import { tidy } from "./tidy.ts";
import { visibleIncident } from "./visible.ts";
import { windowInput } from "./window-input.ts";

/** What every analysis tool takes on top of its own input: where to look, and how much to say. */
const scopeShape = {
  incident: z
    .string()
    .max(200)
    .optional()
    .describe("Incident id, or a demo's name: its telemetry and window"),
  from: z.string().max(40).optional().describe("ISO 8601; with `to`, at most 31 days"),
  to: z.string().max(40).optional().describe("End, exclusive"),
  detail: z.boolean().optional().describe("More items, queries and links"),
  cursor: z.string().max(64).optional().describe("`next_cursor` of the last answer"),
};
const scopeSchema = z.object(scopeShape);

/** Puts one of Shodo's analysis tools behind MCP: same work, with scope, paging and both forms. */
export function analysisTool(tool: Tool, parts: McpParts): McpTool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    input: tool.input.extend(scopeShape),
    output: outputOf(tool),
    annotations: tool.annotations,
    role: tool.annotations.readOnlyHint ? "viewer" : "responder",
    run: (input, call) => run(tool, input, call, parts),
  };
}

async function run(
  tool: Tool,
  input: Readonly<Record<string, unknown>>,
  call: Call,
  parts: McpParts,
): Promise<CallToolResult> {
  const scope = scopeSchema.parse(input);
  const offset = offsetOf(scope.cursor);
  if (offset === null) return badCursor();
  const asked = windowInput(scope);
  if (asked.kind === "refused") return asked.answer;
  const demo = parts.demos.find((candidate) => candidate.name === scope.incident);
  if (scope.incident !== undefined && !demo) {
    const incident = await visibleIncident(parts.analyst, scope.incident, call.caller);
    if (!incident) return noSuchIncident(scope.incident);
  }
  if (parts.isDemo && scope.incident === undefined) return needsIncident(parts);
  const own = Object.entries(input).filter(
    ([key]) => !(key in scopeShape) || key in tool.input.shape,
  );
  await call.progress(0, `${tool.title}: started`);
  const result = await parts.analyst.call(tool.name, Object.fromEntries(own), {
    principal: call.caller,
    incident: demo ? null : (scope.incident ?? null),
    ...(demo ? { capture: demo.capture } : {}),
    window: asked.window,
    signal: call.signal,
  });
  await call.progress(1, `${tool.title}: done`, 1);
  return answerOf(result, scope.detail ?? false, offset);
}

/** A tool's result as an MCP answer: data in pages, empty and failed with their next step. */
export function answerOf(result: ToolResult, isDetailed: boolean, offset: number): CallToolResult {
  switch (result.kind) {
    case "failed":
      return refusal(result);
    case "empty": {
      const { looked, ...told } = result;
      return reply({ ...told, ...lookedAt(looked), gaps: result.gaps.map(gapOf) });
    }
    case "data": {
      const items = isDetailed ? mcpLimits.detailedItems : mcpLimits.conciseItems;
      const findings = byWeight(result.findings).map((f) => findingOf(f, isDetailed));
      const output = tidyOutput(result.output, findings.length > 0);
      const whole = {
        ...(findings.length > 0 || isNothing(output) ? { findings } : {}),
        ...(isNothing(output) ? {} : { output }),
        gaps: result.gaps.map(gapOf),
      };
      const page = pageOf(whole, offset, items);
      if (page.isPast) return badCursor();
      const facts = { ...lookedAt(result.looked), ...(page.value as Facts) };
      return reply({ kind: "data", ...facts, ...cutOf(result, page) });
    }
  }
}

/**
 * A tool's output without what says nothing: nulls, digits beyond six, and a list of findings that
 * stands above it already.
 */
function tidyOutput(output: unknown, hasFindings: boolean): unknown {
  if (!hasFindings || typeof output !== "object" || output === null) return tidy(output);
  const { findings: _findings, ...rest } = output as Readonly<Record<string, unknown>>;
  return tidy(rest);
}

function isNothing(output: unknown): boolean {
  return typeof output === "object" && output !== null && Object.keys(output).length === 0;
}

/** The times that were compared, for callers who left them to be worked out. */
function lookedAt(looked: Looked | undefined): Facts {
  if (!looked) return {};
  const { window, baseline } = looked;
  return {
    window: `${toIso(window.from)} to ${toIso(window.to)}`,
    normal_time: `${toIso(baseline.from)} to ${toIso(baseline.to)}`,
  };
}

function cutOf(
  result: Extract<ToolResult, { kind: "data" }>,
  page: ReturnType<typeof pageOf>,
): Facts {
  const cut = [...page.cut];
  const isCut = page.isCut || result.truncated !== undefined;
  if (result.truncated) {
    const { shown, total, next } = result.truncated;
    cut.push(`source answered ${shown} of ${total ?? "more"}: ${next}`);
  }
  if (cut.length === 0) return { truncated: false };
  return {
    truncated: isCut,
    shown: cut.slice(0, 6),
    next: nextStep(page, isCut),
    ...(page.next === null ? {} : { next_cursor: cursorAt(page.next) }),
  };
}

function nextStep(page: ReturnType<typeof pageOf>, isCut: boolean): string {
  if (page.next !== null) {
    return "Ask again with next_cursor as cursor, narrow the question, or set detail: true.";
  }
  return isCut
    ? "Narrow the question, or ask again with detail: true."
    : "This was the last page; without cursor it begins anew.";
}

function byWeight(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
}

function findingOf(finding: Finding, isDetailed: boolean): Facts {
  const { statement, layer, service, resource, value, unit, baseline, effect, effectKind } =
    finding;
  const first = finding.provenance[0];
  return {
    statement,
    ...omitUndefined({ service, resource }),
    ...(finding.at === undefined ? {} : { at: toIso(finding.at) }),
    ...(finding.quote === undefined ? {} : { quote: finding.quote }),
    ...(first?.link === undefined ? {} : { link: first.link }),
    ...(isDetailed
      ? {
          layer,
          kind: finding.kind,
          ...omitUndefined({ value, unit, baseline, effect, effectKind }),
          provenance: finding.provenance.map(provenanceOf),
        }
      : {}),
  };
}

function provenanceOf(p: Provenance): Facts {
  return {
    source: p.source,
    query: p.query,
    from: toIso(p.window.from),
    to: toIso(p.window.to),
    rows: p.rows,
    tookMs: Math.round(p.tookMs),
    truncated: p.truncated,
    ...(p.link === undefined ? {} : { link: p.link }),
  };
}

function gapOf(gap: { what: string; why: string; effect: string }): Facts {
  return { what: gap.what, why: gap.why, effect: gap.effect };
}

function omitUndefined(fields: Facts): Facts {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Same envelope for every tool, so that a model learns it once; `output` is the tool's own. */
function outputOf(tool: Tool): Record<string, unknown> {
  return {
    type: "object",
    properties: {
      kind: { enum: ["data", "empty", "failed"] },
      window: { type: "string" },
      findings: { type: "array", items: { type: "object" } },
      output: outputJson(tool.output, 1),
      gaps: { type: "array", items: { type: "object" } },
      truncated: { type: "boolean" },
      next: { type: "string" },
      next_cursor: { type: "string" },
    },
    required: ["kind"],
  };
}

function needsIncident(parts: McpParts): CallToolResult {
  const names = parts.demos.slice(0, 12).map((demo) => demo.name);
  return refusal({
    reason: "invalid-input",
    message: "No telemetry source is configured: this server works on recorded demo incidents.",
    next: `Give \`incident\`: an incident id, or one of the demos: ${names.join(", ")}.`,
  });
}
