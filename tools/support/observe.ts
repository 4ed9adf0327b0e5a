import type { Frame } from "../../src/core/frame.ts";
import { limits } from "../../src/core/limits.ts";
import type { Gap, Provenance } from "../../src/core/outcome.ts";
import type { QueryKind, SignalQuery } from "../../src/core/query.ts";
import {
  readAttributes,
  readChanges,
  readEdges,
  readLogPatterns,
  readOperations,
  readSeries,
  readTopology,
  readTraceSample,
} from "../../src/core/row-readers.ts";
import type { Observations } from "../../src/core/rows.ts";
import type { Reading } from "../../src/core/source.ts";
import type { ToolContext } from "../../src/core/tool.ts";
import { lengthMs, type Window } from "../../src/core/window.ts";
import { drawnSeries } from "../../src/evidence/metrics/labelled-counters.ts";
import { withoutSilence } from "../../src/evidence/silence.ts";

/** The parts of `Observations` a tool may ask for. */
export type ObservationPart = Exclude<
  keyof Observations,
  "window" | "baseline" | "provenance" | "gaps"
>;

export const allParts: readonly ObservationPart[] = [
  "series",
  "logPatterns",
  "logVolume",
  "operations",
  "edges",
  "spanSeries",
  "attributes",
  "traceSample",
  "topology",
  "changes",
];

/** Changes this long before the window still count: a leak or a full pool shows late. */
const changeLookBackMs = 24 * 3_600_000;
/**
 * Bins of a derived series over the window; fine enough for an onset, coarse enough to be cheap.
 */
const binsPerWindow = 120;
const stepMsMin = 5_000;
/** A longer break between normal time and incident time is left unread. */
const joinedGapMaxMs = 10 * 60_000;

/** Reads the wanted parts at once. Parts that failed are absent, and a gap. */
export async function observe(
  context: ToolContext,
  parts: readonly ObservationPart[] = allParts,
): Promise<Observations> {
  const { window, baseline } = context;
  const queries = queriesFor(context);
  const gaps: Gap[] = [];
  const provenance: Partial<Record<QueryKind, readonly Provenance[]>> = {};
  const read = async <T>(part: ObservationPart, rows: (frame: Frame) => readonly T[]) => {
    if (!parts.includes(part)) return [];
    const { query, over } = queries[part];
    const reading = await context.telemetry.read(query, over);
    provenance[query.kind] = reading.parts.map((each) => each.provenance);
    if (isLeftOut(part, reading)) return [];
    const unread = reading.kind === "failed" ? failureGap(query.kind, reading.message) : null;
    gaps.push(...(reading.gaps ?? (unread ? [unread] : [])));
    return reading.kind === "data" ? rows(reading.frame) : [];
  };
  const [series, logPatterns, logVolume, operations, edges, spanSeries, ...more] =
    await Promise.all([
      read("series", (frame) => drawnSeries(readSeries(frame))),
      read("logPatterns", readLogPatterns),
      read("logVolume", readSeries),
      read("operations", readOperations),
      read("edges", readEdges),
      read("spanSeries", readSeries),
      read("attributes", readAttributes),
      read("traceSample", readTraceSample),
      read("topology", readTopology),
      read("changes", readChanges),
    ]);
  const [attributes, traceSample, topology, changes] = more;
  return withoutSilence({
    window,
    baseline,
    series,
    logPatterns,
    logVolume,
    operations,
    edges,
    spanSeries,
    attributes,
    traceSample,
    topology,
    changes,
    provenance,
    gaps,
  });
}

/** A refinement that no source offers is no gap: the question it refines was answered by others. */
function isLeftOut(part: ObservationPart, reading: Reading): boolean {
  return part === "traceSample" && reading.kind === "failed" && reading.reason === "unsupported";
}

function queriesFor({ window, baseline }: ToolContext) {
  const stepMs = Math.max(stepMsMin, Math.round(lengthMs(window) / binsPerWindow / 1000) * 1000);
  const over = window;
  const limit = limits.groupsMax;
  const joined = joinedTo(window, baseline);
  const changesOver = {
    from: Math.min(baseline.from, window.from - changeLookBackMs),
    to: window.to,
  };
  return {
    series: {
      query: { kind: "metric-series", baseline: joined, limit: limits.seriesMax },
      over,
    },
    logPatterns: { query: { kind: "log-patterns", baseline, byOperation: true, limit }, over },
    logVolume: { query: { kind: "log-volume", baseline: joined, stepMs, limit }, over },
    operations: { query: { kind: "operation-stats", baseline, limit }, over },
    edges: { query: { kind: "edge-stats", baseline, limit }, over },
    spanSeries: { query: { kind: "span-series", baseline: joined, stepMs, limit }, over },
    attributes: { query: { kind: "span-attributes", baseline, limit }, over },
    traceSample: { query: { kind: "trace-sample", baseline }, over },
    topology: { query: { kind: "topology", limit }, over },
    changes: { query: { kind: "changes", limit }, over: changesOver },
  } as const satisfies Record<ObservationPart, { query: SignalQuery; over: unknown }>;
}

/**
 * Normal time, lengthened to the start of incident time when next to it: the points between the two
 * are neither, and they are the ones that date the onset.
 */
function joinedTo(window: Window, baseline: Window): Window {
  const gap = window.from - baseline.to;
  return gap > 0 && gap <= joinedGapMaxMs ? { from: baseline.from, to: window.from } : baseline;
}

function failureGap(kind: QueryKind, message: string): Gap {
  const what = kind.replaceAll("-", " ");
  const effect = "what it would have shown is unknown, and confidence is lower";
  return { what, why: message, effect };
}
