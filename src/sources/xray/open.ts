import type { Service, TraceSummary as XrayTraceSummary } from "@aws-sdk/client-xray";
import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import type { KeptReads } from "../aws/kept-reads.ts";
import {
  quoted,
  type Read,
  serviceGraph,
  traceSummaries,
  type WholeTraces,
  wholeTraces,
  type Xray,
} from "./reads.ts";

/** An X-Ray that is open, as its answers see it. */
export interface OpenXray {
  readonly xray: Xray;
  readonly names: Readonly<Record<string, string>>;
  readonly group: string | undefined;
  readonly rate: number;
  readonly tracesMax: number;
  readonly kept: KeptReads;
  /** Time series of services, each a read of its own. */
  readonly keptSeries: KeptReads;
}

/** Summaries of a window with the filter and the group, read once for all questions over it. */
export function summariesOf(
  open: OpenXray,
  calls: AwsCalls,
  window: Window,
  filter: string,
): Promise<Read<XrayTraceSummary>> {
  const parts = [filter, open.group ? `group.name = ${quoted(open.group)}` : ""].filter(Boolean);
  const expression = parts.length > 1 ? parts.map((p) => `(${p})`).join(" AND ") : (parts[0] ?? "");
  return open.kept(calls, `summaries ${window.from} ${window.to} ${expression}`, () =>
    traceSummaries(open.xray, calls, window, { expression, rate: open.rate }),
  );
}

/** The service map of a window, read once for all questions over it. */
export function graphOf(
  open: OpenXray,
  calls: AwsCalls,
  window: Window,
): Promise<Read<readonly Service[]>> {
  return open.kept(calls, `graph ${window.from} ${window.to}`, () =>
    serviceGraph(open.xray, calls, window, open.group),
  );
}

/** Whole traces, evenly spread over a window. */
export interface XraySample {
  readonly found: Read<XrayTraceSummary>;
  readonly read: WholeTraces;
}

/** Whole traces of a window, as many as the source reads, once for all questions over it. */
export function sampleOf(
  open: OpenXray,
  calls: AwsCalls,
  window: Window,
  filter: string,
): Promise<XraySample> {
  return open.kept(calls, `sample ${window.from} ${window.to} ${filter}`, async () => {
    const found = await summariesOf(open, calls, window, filter);
    const ids = evenly(found.items, open.tracesMax).flatMap((each) => each.Id ?? []);
    return { found, read: await wholeTraces(open.xray, calls, ids, open.names) };
  });
}

/** At most `most` of a list, evenly spread over the time at which the traces began. */
function evenly(all: readonly XrayTraceSummary[], most: number): readonly XrayTraceSummary[] {
  if (all.length <= most) return all;
  const start = (each: XrayTraceSummary) => each.StartTime?.getTime() ?? 0;
  const sorted = all.toSorted((a, b) => start(a) - start(b));
  return Array.from(
    { length: most },
    (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / most)] as XrayTraceSummary,
  );
}

/** The names under which X-Ray knows services of ours. */
export function xrayNames(open: OpenXray, services: readonly string[]): readonly string[] {
  const renamed = Object.entries(open.names).filter(([, ours]) => services.includes(ours));
  return [...new Set([...services, ...renamed.map(([theirs]) => theirs)])];
}

/** A filter for the traces of some services; empty for all. */
export function servicesFilter(open: OpenXray, services: readonly string[] | undefined): string {
  if (!services?.length) return "";
  return xrayNames(open, services)
    .map((name) => `service(${quoted(name)})`)
    .join(" OR ");
}
