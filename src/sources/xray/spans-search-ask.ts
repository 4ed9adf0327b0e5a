import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import type { KeptReads } from "../aws/kept-reads.ts";
import { insightsLink } from "../aws/links.ts";
import { logGroupsOf } from "../insights/log-groups.ts";
import {
  type InsightsAnswer,
  type InsightsLimits,
  isFinal,
  type Logs,
  runInsights,
} from "../insights/run.ts";

/** Where Transaction Search keeps every span. */
export const spansGroup = "aws/spans";
/** Transaction Search, as its answers see it. */
export interface OpenSearch {
  readonly logs: Logs;
  readonly names: Readonly<Record<string, string>>;
  readonly bounds: InsightsLimits;
  readonly kept: KeptReads;
}

/** Runs one query over all spans. */
export async function askSpans(
  open: OpenSearch,
  calls: AwsCalls,
  text: string,
  window: Window,
): Promise<InsightsAnswer> {
  const bytesPerMs = await open.kept(calls, "inflow", () => inflow(open.logs, calls));
  const bounds = { ...open.bounds, bytesPerMs };
  return runInsights(open.logs, calls, { groups: [spansGroup], text, window }, bounds);
}

/**
 * How many spans come in, from which follows what a query will scan. Where that may not be asked,
 * nothing is expected beforehand, and what is scanned counts all the same.
 */
async function inflow(logs: Logs, calls: AwsCalls): Promise<ReadonlyMap<string, number>> {
  try {
    return (await logGroupsOf(logs, calls, [`${spansGroup}*`])).bytesPerMs;
  } catch (error) {
    if (isFinal(error)) throw error;
    return new Map();
  }
}

/** What every answer says of its query. */
export function saying(
  open: OpenSearch,
  text: string,
  window: Window,
  parts: readonly InsightsAnswer[],
) {
  return {
    query: `${text}\n# Transaction Search, ${spansGroup}`,
    truncated: parts.some((part) => part.isCut),
    link: insightsLink(open.logs.region, text, [spansGroup], window),
    reasons: ["no span matches; Transaction Search holds every span that was sent"],
  };
}

/** A number of an answer; NaN where there is none. */
export const numberOf = (text: string | undefined) => (text ? Number(text) : Number.NaN);

/** Names under which the spans know services of ours; undefined for all. */
export function theirNames(
  { names }: OpenSearch,
  services: readonly string[] | undefined,
): readonly string[] | undefined {
  if (!services?.length) return undefined;
  const renamed = Object.entries(names).filter(([, ours]) => services.includes(ours));
  return [...new Set([...services, ...renamed.map(([name]) => name)])];
}
