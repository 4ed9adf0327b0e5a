import type { Service, TraceSummary as XrayTraceSummary } from "@aws-sdk/client-xray";
import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import type { KeptReads } from "../aws/kept-reads.ts";
import { pickTraces, weightsOf } from "./pick-traces.ts";
import {
  quoted,
  type Read,
  serviceGraph,
  traceSummaries,
  type WholeTraces,
  wholeTraces,
  type Xray,
} from "./reads.ts";
import { failureOrigins } from "./root-causes.ts";
import { requestName } from "./spans.ts";
import { entryService } from "./statistics.ts";

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

/** Whole traces, spread over a window and over what requests enter by. */
export interface XraySample {
  readonly found: Read<XrayTraceSummary>;
  readonly read: WholeTraces;
  /** How many traces of the window one that was read stands for, by its id. */
  readonly weightOf: (traceId: string) => number;
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
    const sort = (each: XrayTraceSummary) => sortOf(each, open.names);
    const picked = pickTraces(found.items, open.tracesMax, sort);
    const ids = picked.flatMap((each) => each.Id ?? []);
    const read = await wholeTraces(open.xray, calls, ids, open.names);
    const readIds = new Set(read.spans.map(({ traceId }) => traceId));
    const weights = weightsOf(found.items, readIds, sort);
    return { found, read, weightOf: (id) => (weights.get(id) ?? 1) / open.rate };
  });
}

/** What a request enters by and where it begins to fail, if it does: what traces differ in most. */
function sortOf(trace: XrayTraceSummary, names: OpenXray["names"]): string {
  const { HttpMethod: method, HttpURL: url } = trace.Http ?? {};
  const [origin] = failureOrigins(trace, names);
  return [entryService(trace, names), requestName(method, url), origin?.service].join("\0");
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
