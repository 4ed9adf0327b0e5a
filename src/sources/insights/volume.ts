import { limits } from "../../core/limits.ts";
import type { LogVolumeQuery } from "../../core/query.ts";
import { lengthMs, type Window } from "../../core/window.ts";
import type { AwsAnswer, AwsCalls } from "../aws/answer.ts";
import { stretchesOf } from "../cloudwatch/period.ts";
import { chunksOf } from "../cloudwatch/series.ts";
import { volumeFrame } from "./frames.ts";
import { failingFilter } from "./query.ts";
import { groupsPerQuery, insightsRowsMax, isFinal, runInsights } from "./run.ts";
import { failedGroups, type OpenedLogs, saying } from "./saying.ts";

/**
 * Seconds of one bin: what was asked for, or whole minutes, as many as let the bins of all groups
 * of a query fit into the rows that it may answer; a count that is cut looks like a fall.
 */
function stepFor(stretches: readonly Window[], stepMs: number, groups: number): number {
  const wanted = Math.max(1, Math.ceil(stepMs / 1_000));
  const longest = Math.max(...stretches.map((stretch) => lengthMs(stretch))) / 1_000;
  const least = (longest * Math.min(groups, groupsPerQuery)) / insightsRowsMax;
  return wanted >= least ? wanted : Math.ceil(Math.max(least, wanted) / 60) * 60;
}

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
  const periods = query.baseline ? [window, query.baseline] : [window];
  const stretches = stretchesOf(window, query.baseline);
  const stepSeconds = stepFor(stretches, query.stepMs, opened.groups.length);
  const stats = `stats count(*) as lines by bin(${stepSeconds}s) as at, @log\n| limit 10000`;
  const failing = `filter ${failingFilter}\n| ${stats}`;
  const { logs, bounds, settings: own } = opened;
  const faults: { groups: readonly string[]; error: unknown }[] = [];
  const chunks = chunksOf(opened.groups, groupsPerQuery);
  const found = await Promise.all(
    chunks.map(async (groups) => {
      try {
        return await Promise.all(
          stretches.flatMap((stretch) =>
            [stats, failing].map(async (text) => {
              const ask = { groups, text, window: stretch };
              const key = `${stretch.from} ${stretch.to} ${text} ${groups.join(" ")}`;
              const answer = await opened.kept(calls, key, () =>
                runInsights(logs, calls, ask, bounds),
              );
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
  const { madeAt } = opened;
  const stepMs = stepSeconds * 1_000;
  const volume = { parts, periods, stepMs, names: own.services, madeAt };
  const all = volumeFrame(volume, limits.seriesMax);
  const frame = volumeFrame(volume, query.limit);
  const answers = parts.map((part) => part.found);
  const said = saying(opened, failing, window, answers, frame.length < all.length);
  const gaps = faults.map(({ groups, error }) => failedGroups(groups, error));
  return { frame, ...said, gaps: [...said.gaps, ...gaps] };
}
