import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import type { KeptReads } from "../aws/kept-reads.ts";
import { insightsLink } from "../aws/links.ts";
import {
  type InsightsAnswer,
  type InsightsLimits,
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
export function askSpans(
  open: OpenSearch,
  calls: AwsCalls,
  text: string,
  window: Window,
): Promise<InsightsAnswer> {
  return runInsights(open.logs, calls, { groups: [spansGroup], text, window }, open.bounds);
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
