import type { Finding } from "../../core/evidence.ts";
import { severityRank } from "../../core/query.ts";
import type { LogPattern, Observations } from "../../core/rows.ts";
import { type EpochMs, toIso } from "../../core/window.ts";
import { named, quoted, say } from "../statement.ts";

/** Work that a service began by itself: a batch, a backup, a reconciliation. */
export interface OwnWork {
  readonly service: string;
  readonly line: string;
  readonly at: EpochMs;
}

/** Work of a schedule or of an operator, as opposed to requests. */
const scheduled =
  /\b(cron|batch|backup|compaction|re-?index\w*|reconcil\w*|scheduled|nightly|hourly|daily|export|import|vacuum|rollup|aggregation|migration|cleanup|purge|snapshot|report generation|job|sweep)\b/i;
const begins = /\b(start(ed|ing|s)?|begin(s|ning)?|began|running|launched|kicked off|triggered)\b/i;
/** A line of every request is no announcement of a job. */
const linesMax = 5;
/** It began this long before the incident showed, at most, or a moment after. */
const beforeMs = 15 * 60_000;
const afterMs = 2 * 60_000;

/** Jobs that services began around the onset and that normal time does not have. */
export function ownWork(
  { logPatterns, window }: Observations,
  onset: EpochMs | null,
): readonly OwnWork[] {
  const [from, to] =
    onset === null ? [window.from, window.to] : [onset - beforeMs, onset + afterMs];
  return logPatterns
    .filter((pattern) => isAnnouncement(pattern))
    .filter(({ firstAt }) => firstAt >= from && firstAt <= to)
    .map(({ service, example, pattern, firstAt }) => ({
      service,
      line: example || pattern,
      at: firstAt,
    }))
    .sort((a, b) => a.at - b.at);
}

function isAnnouncement({ pattern, severity, windowCount, baselineCount }: LogPattern): boolean {
  return (
    severityRank(severity) === severityRank("info") &&
    baselineCount === 0 &&
    windowCount > 0 &&
    windowCount <= linesMax &&
    scheduled.test(pattern) &&
    begins.test(pattern)
  );
}

/** Quotes the line with which the job says that it begins; `at` is when it first did. */
export function ownWorkFinding(work: OwnWork, observations: Observations): Finding {
  return {
    key: `own-work:${work.service}`,
    layer: "application",
    kind: "log-pattern",
    service: work.service,
    ...say("finding.own-work", {
      service: named(work.service),
      line: quoted(work.line),
      time: toIso(work.at).slice(11, 16),
    }),
    at: work.at,
    window: observations.window,
    provenance: observations.provenance["log-patterns"] ?? [],
    quote: work.line,
    weight: 0.7,
  };
}
