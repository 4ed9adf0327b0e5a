import { chanceOf, type Fault, parts, type ResourceName, type Span } from "./system.ts";

/** What is measured every half minute, whatever a monitoring system calls it. */
export type MeasureName = "requests" | "errors" | "meanMs" | "p95Ms" | "orders" | ResourceName;

export interface Measure {
  readonly minute: number;
  readonly service: string;
  readonly name: MeasureName;
  readonly value: number;
}

export const stepMinutes = 0.5;

/** Measures of all services from what the requests did; values are per step, not cumulative. */
export function measuresOf(
  spans: readonly Span[],
  fault: Fault,
  from: number,
  to: number,
  seed: number,
): Measure[] {
  const chance = chanceOf(seed + 1);
  const served = new Map<string, Span[]>();
  for (const span of spans) {
    const owner = ownerOf(span);
    if (owner === null) continue;
    const key = `${owner} ${Math.floor(span.startMs / 60_000 / stepMinutes)}`;
    served.set(key, [...(served.get(key) ?? []), span]);
  }
  const measures: Measure[] = [];
  for (let step = Math.ceil(from / stepMinutes); step < to / stepMinutes; step++) {
    const minute = step * stepMinutes;
    for (const [service, part] of Object.entries(parts)) {
      if (service === "acquirer") continue;
      const own = served.get(`${service} ${step}`) ?? [];
      const put = (name: MeasureName, value: number) =>
        measures.push({ minute, service, name, value });
      if (!part.isStore) requestMeasures(own, put);
      for (const [name, usual] of Object.entries(usualResources(service, own))) {
        const value = usual * (1 + 0.06 * (chance() - 0.5));
        const resource = name as ResourceName;
        put(resource, fault.resource?.(service, resource, minute, value) ?? value);
      }
      if (service === "orders") put("orders", own.filter((span) => !span.error).length);
    }
  }
  return measures;
}

function requestMeasures(own: readonly Span[], put: (name: MeasureName, value: number) => void) {
  const sorted = own.map((span) => span.durationMs).sort((a, b) => a - b);
  put("requests", own.length);
  put("errors", own.filter((span) => span.error).length);
  if (sorted.length === 0) return;
  put("meanMs", sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length);
  put("p95Ms", sorted[Math.floor(sorted.length * 0.95)] as number);
}

/** Who did the work of a span: the server itself, or the store that a client span waits for. */
function ownerOf(span: Span): string | null {
  if (span.kind === "server") return span.service;
  const callee = String(span.attributes["peer.service"] ?? "");
  return parts[callee]?.isStore ? callee : null;
}

function usualResources(
  service: string,
  own: readonly Span[],
): Partial<Record<ResourceName, number>> {
  const busy = own.reduce((sum, span) => sum + span.durationMs, 0) / (stepMinutes * 60_000);
  const common = { cpu: 0.12 + 0.002 * own.length, memory: 3e8, restarts: 0 };
  if (service === "mailer") return { ...common, lag: 4, threads: 8 };
  if (parts[service]?.isStore) return { ...common, disk: 0.5, pool: 6 + busy };
  return { ...common, threads: 12 + busy, pool: 1 + Math.min(19, busy) };
}
