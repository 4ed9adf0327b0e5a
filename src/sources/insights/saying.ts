import type { Gap } from "../../core/outcome.ts";
import type { Window } from "../../core/window.ts";
import { awsFailure } from "../aws/faults.ts";
import type { KeptReads } from "../aws/kept-reads.ts";
import { insightsLink } from "../aws/links.ts";
import { groupsMax } from "./log-groups.ts";
import { groupsPerQuery, type InsightsAnswer, type InsightsLimits, type Logs } from "./run.ts";

/** Logs Insights with the groups of one question, as its answers see it. */
export interface OpenedLogs {
  readonly settings: {
    readonly services: Readonly<Record<string, string>>;
    readonly patternServices: number;
    readonly logGroups: readonly string[];
  };
  readonly logs: Logs;
  readonly bounds: InsightsLimits;
  /** Counts that several questions over the same time share. */
  readonly kept: KeptReads;
  readonly groups: readonly string[];
  /** Epoch ms at which each group was made, where that is known. */
  readonly madeAt: ReadonlyMap<string, number>;
  /** True when the account has more groups than are looked at. */
  readonly isCut: boolean;
}

/** What every answer says of its query. */
export function saying(
  { logs, groups, isCut }: OpenedLogs,
  text: string,
  window: Window,
  found: readonly InsightsAnswer[],
  isCutHere: boolean,
) {
  const many = groups.length > groupsPerQuery ? `; the link opens ${groupsPerQuery} of them` : "";
  return {
    query: `${text}\n# ${groups.length} log groups${many}`,
    truncated: isCut || isCutHere || found.some((part) => part.isCut),
    gaps: [
      ...found.flatMap(({ faults }) =>
        faults.map((fault) => failedGroups(fault.groups, fault.error)),
      ),
      ...(isCut ? [unlisted] : []),
    ],
    link: insightsLink(logs.region, text, groups.slice(0, groupsPerQuery), window),
  };
}

const unlisted: Gap = {
  what: `log groups beyond the first ${groupsMax}`,
  why: "the account has more than are listed; those of a service that is named are looked up",
  effect: "their lines were not looked at; name some in `logGroups`",
  signal: "logs",
};

/** Groups that were not searched, and why. */
export function failedGroups(groups: readonly string[], error: unknown): Gap {
  const { reason, message } = awsFailure(error);
  const named = groups.slice(0, 3).join(", ");
  const more = groups.length > 3 ? ` and ${groups.length - 3} more` : "";
  return {
    what: `the log groups ${named}${more}`,
    why: `${reason}: ${message}`,
    effect: "their lines were not looked at",
    signal: "logs",
  };
}
