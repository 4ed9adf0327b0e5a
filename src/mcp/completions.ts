import type { Principal } from "../core/principal.ts";
import { cleanText } from "./clean.ts";
import { mcpLimits } from "./limits.ts";
import type { McpParts } from "./parts.ts";
import { visibleIncidents } from "./visible.ts";

/** Completes one input: incidents and services this caller may see, metrics, runbooks. */
export type Complete = (input: string, text: string) => Promise<string[]>;

/**
 * What begins with the text comes before what only holds it; case is ignored. At most
 * `mcpLimits.completionsMax` names, none for an input that cannot be completed.
 */
export function completions(parts: McpParts, caller: Principal): Complete {
  return async (input, text) => {
    const candidates = await candidatesFor(parts, caller, input, text);
    const wanted = text.toLowerCase();
    const begins = candidates.filter((name) => name.toLowerCase().startsWith(wanted));
    const holds = candidates.filter((name) => name.toLowerCase().includes(wanted));
    return [...new Set([...begins, ...holds])]
      .slice(0, mcpLimits.completionsMax)
      .map((name) => cleanText(name, 200));
  };
}

async function candidatesFor(
  parts: McpParts,
  caller: Principal,
  input: string,
  text: string,
): Promise<readonly string[]> {
  switch (input) {
    case "id":
    case "incident":
      return (await recent(parts, caller)).map((incident) => incident.id);
    case "service": {
      const known = await (parts.names?.services(text) ?? []);
      if (known.length > 0) return known;
      const seen = (await recent(parts, caller)).flatMap((incident) => incident.service ?? []);
      return [...new Set(seen)].sort();
    }
    case "metric":
    case "alarm":
      return (await parts.names?.metrics(text)) ?? [];
    case "runbook":
      return (await parts.runbooks()).map((runbook) => runbook.name);
    default:
      return [];
  }
}

async function recent(parts: McpParts, caller: Principal) {
  const page = await visibleIncidents(parts.analyst, caller, { limit: mcpLimits.completionsMax });
  return page.incidents;
}
