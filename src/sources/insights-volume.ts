import { limits } from "../core/limits.ts";
import type { LogVolumeQuery } from "../core/query.ts";
import type { Window } from "../core/window.ts";
import type { AwsAnswer, AwsCalls } from "./aws-answer.ts";
import { chunksOf } from "./cloudwatch-series.ts";
import { volumeFrame } from "./insights-frames.ts";
import { failingFilter } from "./insights-query.ts";
import { groupsPerQuery, isFinal, runInsights } from "./insights-run.ts";
import { failedGroups, type OpenedLogs, saying } from "./insights-saying.ts";

/**
 * Lines per bin, all and failing ones, in window and baseline. Groups of which one of these counts
 * fails are left out altogether: half of a comparison reads as a change.
 */
export async function logVolume(
  opened: OpenedLogs,
  calls: AwsCalls,
  query: LogVolumeQuery,
  window: Window,
): Promise<AwsAnswer> {
  const stepSeconds = Math.max(1, Math.ceil(query.stepMs / 1_000));
  const stats = `stats count(*) as lines by bin(${stepSeconds}s) as at, @log\n| limit 10000`;
  const failing = `filter ${failingFilter}\n| ${stats}`;
  const periods = query.baseline ? [window, query.baseline] : [window];
  const { logs, bounds, settings: own } = opened;
  const faults: { groups: readonly string[]; error: unknown }[] = [];
  const chunks = chunksOf(opened.groups, groupsPerQuery);
  const found = await Promise.all(
    chunks.map(async (groups) => {
      try {
        return await Promise.all(
          periods.flatMap((period) =>
            [stats, failing].map(async (text) => {
              const ask = { groups, text, window: period };
              const answer = await runInsights(logs, calls, ask, bounds);
              return { isFailing: text === failing, found: answer };
            }),
          ),
        );
      } catch (error) {
        if (isFinal(error)) throw error;
        faults.push({ groups, error });
        return [];
      }
    }),
  );
  if (faults[0] && faults.length === chunks.length) throw faults[0].error;
  const parts = found.flat();
  const step = stepSeconds * 1_000;
  const all = volumeFrame(parts, periods, step, own.services, limits.seriesMax);
  const frame = volumeFrame(parts, periods, step, own.services, query.limit);
  const answers = parts.map((part) => part.found);
  const said = saying(opened, failing, window, answers, frame.length < all.length);
  const gaps = faults.map(({ groups, error }) => failedGroups(groups, error));
  return { frame, ...said, gaps: [...said.gaps, ...gaps] };
}
