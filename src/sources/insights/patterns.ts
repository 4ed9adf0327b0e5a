import type { Frame } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { Gap } from "../../core/outcome.ts";
import type { LogPatternsQuery } from "../../core/query.ts";
import { lengthMs, type Window } from "../../core/window.ts";
import type { AwsAnswer, AwsCalls } from "../aws/answer.ts";
import { AwsRefusal, awsFailure } from "../aws/faults.ts";
import { serviceOfLogGroup } from "../aws/service-name.ts";
import { mostSurprising, patternRows, patternsFrame } from "../log-templates/pattern-rows.ts";
import { patternGroups } from "./frames.ts";
import { failingFilter } from "./query.ts";
import { type InsightsAnswer, isFinal, runInsights } from "./run.ts";
import { type OpenedLogs, saying } from "./saying.ts";

const text = "fields @message\n| pattern @message\n| sort @sampleCount desc\n| limit 1000";
/** Patterns of one query: the limit of the text above. */
const patternsMax = 1_000;

interface Part {
  readonly service: string;
  readonly isInside: boolean;
  readonly found: InsightsAnswer;
}

/**
 * Patterns are mined by Logs Insights per service and period, then matched with one another. Which
 * services, where none is named: those with most failing lines, after one count over all of them. A
 * service of which one period cannot be mined is left out and said, since half of it would read as
 * patterns that are new or gone.
 */
export async function logPatterns(
  opened: OpenedLogs,
  calls: AwsCalls,
  query: LogPatternsQuery,
  window: Window,
): Promise<AwsAnswer> {
  const { settings: own } = opened;
  const byService = Map.groupBy(opened.groups, (g) => serviceOfLogGroup(g, own.services));
  const chosen = query.services
    ? everything(byService)
    : await worst(opened, calls, byService, window);
  const periods = query.baseline ? [window, query.baseline] : [window];
  const gaps: Gap[] = [...chosen.gaps];
  const faults: unknown[] = [];
  const mined = await Promise.all(
    chosen.services.map(async (service) => {
      try {
        return await mine(opened, calls, service, byService.get(service) ?? [], periods);
      } catch (error) {
        if (isFinal(error)) throw error;
        faults.push(error);
        gaps.push(unmined(service, error));
        return [];
      }
    }),
  );
  if (faults.length > 0 && faults.length === chosen.services.length) throw faults[0];
  const parts = mined.flat();
  const groups = patternGroups(parts);
  const all = patternRows(groups);
  const most = Math.min(query.limit ?? limits.logPatternsMax, limits.logPatternsMax);
  const ratio = query.baseline ? lengthMs(window) / lengthMs(query.baseline) : 0;
  const rows = mostSurprising(all, ratio, most);
  const frame: Frame = patternsFrame(rows, groups);
  const isCut = rows.length < all.length || chosen.isCut;
  const answers = [...parts.map((part) => part.found), ...chosen.answers];
  const said = saying(opened, text, window, answers, isCut);
  return { frame, ...said, gaps: [...said.gaps, ...gaps] };
}

async function mine(
  { logs, bounds }: OpenedLogs,
  calls: AwsCalls,
  service: string,
  groups: readonly string[],
  periods: readonly Window[],
): Promise<readonly Part[]> {
  const own = { ...bounds, rowsMax: patternsMax };
  const parts = await Promise.all(
    periods.map(async (window, at) => {
      const found = await runInsights(logs, calls, { groups, text, window }, own);
      if (found.rows.some((row) => row["@pattern"] === undefined)) {
        const words = "Logs Insights answered a pattern query without patterns.";
        throw new AwsRefusal("malformed", words);
      }
      return { service, isInside: at === 0, found };
    }),
  );
  const fault = parts.flatMap(({ found }) => found.faults)[0];
  if (fault) throw fault.error;
  return parts;
}

interface Chosen {
  readonly services: readonly string[];
  readonly isCut: boolean;
  readonly gaps: readonly Gap[];
  readonly answers: readonly InsightsAnswer[];
}

function everything(byService: ReadonlyMap<string, unknown>): Chosen {
  return { services: [...byService.keys()], isCut: false, gaps: [], answers: [] };
}

/**
 * The services with most failing lines, then with most lines, as many as are mined without names.
 */
async function worst(
  opened: OpenedLogs,
  calls: AwsCalls,
  byService: ReadonlyMap<string, readonly string[]>,
  window: Window,
): Promise<Chosen> {
  const { settings: own, logs, groups, bounds } = opened;
  if (byService.size <= own.patternServices) return everything(byService);
  const count = (filter: string) =>
    runInsights(
      logs,
      calls,
      { groups, text: `${filter}stats count(*) as lines by @log\n| limit 10000`, window },
      bounds,
    );
  const [failing, all] = await Promise.all([count(`filter ${failingFilter}\n| `), count("")]);
  const lines = (found: InsightsAnswer) => {
    const sums = new Map<string, number>();
    for (const row of found.rows) {
      const service = serviceOfLogGroup(row["@log"] ?? "", own.services);
      sums.set(service, (sums.get(service) ?? 0) + Number(row.lines ?? 0));
    }
    return sums;
  };
  const [bad, any] = [lines(failing), lines(all)];
  const by = (sums: ReadonlyMap<string, number>, name: string) => sums.get(name) ?? 0;
  const ranked = [...byService.keys()].sort(
    (a, b) => by(bad, b) - by(bad, a) || by(any, b) - by(any, a),
  );
  const services = ranked.slice(0, own.patternServices);
  const left = ranked.slice(own.patternServices).filter((name) => by(any, name) > 0);
  const effect = "new lines of the others are not seen; name a service to have it mined";
  return {
    services,
    isCut: left.length > 0,
    answers: [failing, all],
    gaps:
      left.length > 0
        ? [
            {
              what: `log patterns of ${left.length} services`,
              why: `the ${services.length} with most failing lines are mined when none is named`,
              effect,
              signal: "logs",
            },
          ]
        : [],
  };
}

function unmined(service: string, error: unknown): Gap {
  const { reason, message } = awsFailure(error);
  return {
    what: `log patterns of ${service}`,
    why: `${reason}: ${message}`,
    effect: "what it wrote, new or as usual, is not known",
    signal: "logs",
  };
}
