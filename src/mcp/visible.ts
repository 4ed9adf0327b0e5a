import type { Analyst } from "../core/analyst.ts";
import type { Incident } from "../core/incident.ts";
import type { Principal } from "../core/principal.ts";
import { maySee } from "./caller.ts";
import { mcpLimits } from "./limits.ts";

const idShape = /^[\w.:-]{1,200}$/;

/** The incident, or null when there is none or it belongs to another caller: the same answer. */
export async function visibleIncident(
  analyst: Analyst,
  id: string,
  caller: Principal,
): Promise<Incident | null> {
  if (!idShape.test(id)) return null;
  const incident = await analyst.incident(id);
  return incident && maySee(caller, incident) ? incident : null;
}

export interface IncidentQuery {
  readonly limit: number;
  readonly before?: string;
  readonly service?: string;
  readonly states?: readonly Incident["state"][];
}

export interface IncidentPage {
  readonly incidents: readonly Incident[];
  /** Id to go on before, or null at the end. */
  readonly before: string | null;
}

/** Newest incidents that `caller` may see; others' are skipped without a trace. */
export async function visibleIncidents(
  analyst: Analyst,
  caller: Principal,
  query: IncidentQuery,
): Promise<IncidentPage> {
  const found: Incident[] = [];
  let before = query.before;
  for (let page = 0; page < mcpLimits.pagesScannedMax; page++) {
    const batch = await analyst.incidents({
      limit: mcpLimits.incidentsPerPageMax,
      ...(before === undefined ? {} : { before }),
      ...(query.service === undefined ? {} : { service: query.service }),
      ...(query.states === undefined ? {} : { states: query.states }),
    });
    for (const incident of batch) {
      before = incident.id;
      if (!maySee(caller, incident)) continue;
      if (found.length === query.limit) {
        return { incidents: found, before: found.at(-1)?.id ?? null };
      }
      found.push(incident);
    }
    if (batch.length < mcpLimits.incidentsPerPageMax) return { incidents: found, before: null };
  }
  return { incidents: found, before: before ?? null };
}
