import type { TraceSummary as XrayTraceSummary } from "@aws-sdk/client-xray";
import type { Window } from "../core/window.ts";
import type { AwsCalls } from "./aws-answer.ts";
import { quoted, type Read, traceSummaries, type Xray } from "./xray-reads.ts";

/** An X-Ray that is open, as its answers see it. */
export interface OpenXray {
  readonly xray: Xray;
  readonly names: Readonly<Record<string, string>>;
  readonly group: string | undefined;
  readonly rate: number;
  readonly tracesMax: number;
  /** Summaries of a window, read once for all questions over it. */
  summaries(calls: AwsCalls, window: Window, filter: string): Promise<Read<XrayTraceSummary>>;
}

/** Reads summaries with the filter and the group of the source. */
export function readSummaries(
  open: Pick<OpenXray, "xray" | "group" | "rate">,
  calls: AwsCalls,
  window: Window,
  filter: string,
): Promise<Read<XrayTraceSummary>> {
  const parts = [filter, open.group ? `group.name = ${quoted(open.group)}` : ""].filter(Boolean);
  const expression = parts.length > 1 ? parts.map((p) => `(${p})`).join(" AND ") : (parts[0] ?? "");
  return traceSummaries(open.xray, calls, window, { expression, rate: open.rate });
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
