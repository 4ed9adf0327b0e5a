import type { Tool } from "../core/tool.ts";
import { analysisTool } from "./analysis-tool.ts";
import { askInvestigation } from "./investigation/ask-investigation.ts";
import { cancelInvestigation } from "./investigation/cancel-investigation.ts";
import { getInvestigation } from "./investigation/get-investigation.ts";
import { listIncidents } from "./investigation/list-incidents.ts";
import { showInvestigation } from "./investigation/show-investigation.ts";
import { startInvestigation } from "./investigation/start-investigation.ts";
import { mcpLimits } from "./limits.ts";
import type { McpParts, McpTool } from "./parts.ts";
import { runTool } from "./run-tool.ts";
import { searchTools } from "./search-tools.ts";

/** What this door offers: `direct` is listed to every client, `onDemand` is found by search. */
export interface Catalog {
  readonly direct: readonly McpTool[];
  readonly onDemand: readonly McpTool[];
}

/**
 * Every listed tool costs every client tokens on every request, so the list is short: whole
 * investigations first, then analysis tools that say `everyday`, in order of name, while there is
 * room. All the rest, with tools of mounted servers, is reached by search_tools and run_tool.
 */
export function catalogOf(parts: McpParts): Catalog {
  const whole = [
    startInvestigation(parts),
    getInvestigation(parts),
    askInvestigation(parts),
    listIncidents(parts),
    showInvestigation(parts),
    cancelInvestigation(parts),
  ];
  const longTailTools = 2;
  const room = mcpLimits.directToolsMax - whole.length - longTailTools;
  const chosen = [...parts.analyst.tools].sort(byEveryday).slice(0, room);
  const analysis = chosen.sort(byName).map((tool) => analysisTool(tool, parts));
  const rest = [...parts.analyst.tools].filter((tool) => !chosen.includes(tool)).sort(byName);
  const onDemand = rest.map((tool) => analysisTool(tool, parts));
  const direct = [...whole, ...analysis];
  if (onDemand.length === 0 && !parts.mounted) return { direct, onDemand };
  const all = async () => {
    const mounted = (await parts.mounted?.()) ?? [];
    return [...onDemand, ...[...mounted].sort(byName).map((tool) => analysisTool(tool, parts))];
  };
  const search = searchTools(onDemand, all);
  return { direct: [...direct, search, runTool(onDemand, all, parts)], onDemand };
}

function byEveryday(a: Tool, b: Tool): number {
  return Number(b.everyday ?? false) - Number(a.everyday ?? false) || byName(a, b);
}

function byName(a: Tool, b: Tool): number {
  return a.name < b.name ? -1 : 1;
}
