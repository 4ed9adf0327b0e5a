import type { Finding } from "../../core/evidence.ts";
import type { Observations } from "../../core/rows.ts";
import { percent, quantity } from "../quantity.ts";
import { named, say } from "../statement.ts";
import type { TraceShifts } from "./shifts.ts";

/** What spans say about a service: own time, failures that begin there, and the way to it. */
export function traceFindings(
  service: string,
  traces: TraceShifts,
  observations: Observations,
): readonly Finding[] {
  const found: Finding[] = [];
  const common = { layer: "application", service, window: observations.window } as const;
  const own = traces.operations.filter((item) => item.operation.service === service);
  const slow = most(own, (item) => item.selfExcessMs);
  const allTime =
    sum(traces.operations, (item) => item.selfExcessMs) +
    sum(traces.edges, (item) => item.gapExcessMs);
  const ownTime = sum(own, (item) => item.selfExcessMs);
  if (slow && ownTime > 0) {
    const { window, baseline, operation } = slow.operation;
    found.push({
      ...common,
      key: `self-time:${service}`,
      kind: "trace",
      ...say("finding.self-time", {
        service: named(service),
        excess: quantity(ownTime, "ms"),
        calls: sum(own, (item) => item.operation.window.count),
        share: percent(ownTime / allTime),
        operation: named(operation),
        before: quantity(baseline.selfMeanMs, "ms"),
        now: quantity(window.selfMeanMs, "ms"),
      }),
      value: window.selfMeanMs,
      baseline: baseline.selfMeanMs,
      unit: "ms",
      effect: ownTime / allTime,
      effectKind: "share",
      provenance: observations.provenance["operation-stats"] ?? [],
      weight: ownTime / allTime,
    });
  }
  const failures = sum(traces.operations, (item) => item.errorExcess);
  const failing = most(own, (item) => item.errorExcess);
  const ownFailures = sum(own, (item) => item.errorExcess);
  if (failing && ownFailures > 0) {
    found.push({
      ...common,
      key: `error-origin:${service}`,
      kind: "trace",
      ...say("finding.error-origin", {
        count: Math.round(ownFailures),
        service: named(service),
        share: percent(ownFailures / failures),
        operation: named(failing.operation.operation),
      }),
      value: ownFailures,
      effect: ownFailures / failures,
      effectKind: "share",
      provenance: observations.provenance["operation-stats"] ?? [],
      weight: ownFailures / failures,
    });
  }
  const ways = traces.edges.filter((item) => item.edge.callee === service);
  const way = most(ways, (item) => item.gapExcessMs);
  const gap = sum(ways, (item) => item.gapExcessMs);
  if (way && gap > 0) {
    const { window, baseline } = way.edge;
    found.push({
      ...common,
      key: `network-gap:${service}`,
      kind: "edge",
      ...say("finding.network-gap", {
        service: named(service),
        before: quantity(baseline.gapMeanMs, "ms"),
        now: quantity(window.gapMeanMs, "ms"),
        share: percent(gap / allTime),
      }),
      value: window.gapMeanMs,
      baseline: baseline.gapMeanMs,
      unit: "ms",
      effect: gap / allTime,
      effectKind: "share",
      provenance: observations.provenance["edge-stats"] ?? [],
      weight: gap / allTime,
    });
  }
  return found;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += value(item);
  return total;
}

function most<T>(items: readonly T[], value: (item: T) => number): T | null {
  let best: T | null = null;
  for (const item of items) if (value(item) > (best ? value(best) : 0)) best = item;
  return best;
}
