import type { Slo } from "../../core/objectives.ts";
import type { Observations } from "../../core/rows.ts";
import { matchServices } from "../call-graph.ts";
import { type Periods, shiftOf } from "./shift.ts";

/** A service whose latency objective is missed: its signal now, over what it was. */
export interface MissedLatency {
  readonly service: string;
  readonly slowdown: number;
}

/** Objectives on latency whose own signal rose above what they allow, and how far it moved. */
export function missedLatency(
  slos: readonly Slo[],
  { series }: Observations,
  periods: Periods,
): readonly MissedLatency[] {
  return slos.flatMap(({ kind, service, metric, thresholdMs }) => {
    if (kind !== "latency" || thresholdMs === undefined) return [];
    const named = series.filter((item) => item.metric === metric);
    const services = matchServices(service, new Set(named.map((item) => item.service)));
    const shifts = named
      .filter((item) => services.includes(item.service))
      .map((item) => ({ service: item.service, shift: shiftOf(item, periods) }));
    return shifts.flatMap(({ service, shift }) =>
      shift && shift.before > 0 && shift.during > thresholdMs && shift.before <= thresholdMs
        ? [{ service, slowdown: shift.during / shift.before }]
        : [],
    );
  });
}
