import { z } from "zod";
import { limits } from "../core/limits.ts";
import type { Gap } from "../core/outcome.ts";
import type { LogSearchQuery, NativeQuery, SignalQuery } from "../core/query.ts";
import type { Source, SourceContext, SourceDefinition } from "../core/source.ts";
import type { Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { insightsPace, placeOf } from "./aws/account-pace.ts";
import { type AwsAnswer, type AwsCalls, awsOutcome, awsProbe, nothing } from "./aws/answer.ts";
import { awsSettings } from "./aws/client.ts";
import { AwsRefusal } from "./aws/faults.ts";
import { keptReads } from "./aws/kept-reads.ts";
import { lazyClient } from "./aws/lazy-client.ts";
import { serviceOfLogGroup } from "./aws/service-name.ts";
import { linesFrame, nativeFrame } from "./insights/frames.ts";
import { type LogGroupsFound, logGroupsLike, logGroupsOf } from "./insights/log-groups.ts";
import { logPatterns } from "./insights/patterns.ts";
import { searchText } from "./insights/query.ts";
import { wholeMessages } from "./insights/records.ts";
import {
  insightsQueriesMax,
  insightsRowsMax,
  insightsTime,
  type Logs,
  openLogs,
  runInsights,
} from "./insights/run.ts";
import { type OpenedLogs, saying } from "./insights/saying.ts";
import { logVolume } from "./insights/volume.ts";

const settings = awsSettings.extend({
  /** Log groups to read, by name or as `prefix*`; all of the account when empty. */
  logGroups: z.array(z.string().min(1)).default([]),
  /** Queries at the same time; leave the rest of the account's quota to people. */
  queriesAtOnce: z.number().int().positive().max(insightsQueriesMax).default(8),
  /** Services whose lines are mined for patterns when no service is named; two queries each. */
  patternServices: z.number().int().positive().max(100).default(8),
});
type Settings = z.infer<typeof settings>;

/** Logs of CloudWatch through Logs Insights. */
export const cloudwatchLogs: SourceDefinition<typeof settings> = {
  kind: "cloudwatch-logs",
  title: "CloudWatch Logs Insights",
  settings,
  permissions: [
    "logs:DescribeLogGroups",
    "logs:StartQuery",
    "logs:GetQueryResults",
    "logs:StopQuery",
    "logs:GetLogRecord",
  ],
  async open(name, own) {
    return openLogSource(name, own);
  },
};

const guide = `CloudWatch Logs Insights: commands joined by |, over all log groups of the source.
fields @timestamp, @message, @log | filter @message like /(?i)timeout/ | sort @timestamp desc
filter level = "error" | stats count(*) as n by bin(5m), service
parse @message "user=* took * ms" as user, took | stats pct(took, 95) by bin(1m)
pattern @message | sort @sampleCount desc
Put filter before limit. The window is set from outside. At most 10,000 rows.`;

/** How long a list of log groups is good for. */
const groupsKnownMs = 5 * 60_000;

function openLogSource(name: string, own: Settings): Source {
  const lazy = lazyClient(() => openLogs(own));
  const place = placeOf(own);
  const pace = insightsPace(place, own.queriesAtOnce);
  const kept = keptReads();
  let known: { readonly at: number; readonly found: Promise<LogGroupsFound> } | null = null;
  // Questions that come at the same time share one list.
  const groupsOfAccount = (opened: Logs, calls: AwsCalls): Promise<LogGroupsFound> => {
    const now = systemClock.now();
    if (known && now - known.at < groupsKnownMs) return known.found;
    const entry = { at: now, found: logGroupsOf(opened, calls, own.logGroups) };
    known = entry;
    entry.found.catch(() => {
      if (known === entry) known = null;
    });
    return entry.found;
  };
  const open = async (calls: AwsCalls, bytesMax: number): Promise<OpenedLogs> => {
    const opened = await lazy.get();
    const { bytesPerMs, ...found } = await groupsOfAccount(opened, calls);
    const bounds = { pace, bytesMax, rowsMax: insightsRowsMax, bytesPerMs };
    return { settings: own, logs: opened, bounds, kept, ...found };
  };
  return {
    name,
    signals: ["logs"],
    answers: ["log-search", "log-patterns", "log-volume", "native"],
    guide,
    probe: (context) =>
      awsProbe(place, context, async (calls) => {
        const opened = await open(calls, context.bytesMax);
        const count = opened.groups.length;
        await probeQuery(opened, calls);
        const words = count > 0 ? `${count} log groups` : "no log group; name some in `logGroups`";
        return { state: count > 0 ? "ready" : "limited", lines: [words] };
      }),
    run: (query: SignalQuery, window: Window, context: SourceContext) =>
      awsOutcome({ source: name, place, query, window, signal: "logs" }, context, async (calls) => {
        const opened = await open(calls, context.bytesMax);
        const answer = await answerOf(opened, calls, query, window);
        return { region: opened.logs.region, ...answer };
      }),
    close: () => lazy.close(),
  };
}

/** A list of groups says nothing about the right to query them: one line of a minute does. */
async function probeQuery(opened: OpenedLogs, calls: AwsCalls): Promise<void> {
  const to = systemClock.now();
  const groups = opened.groups.slice(0, 1);
  if (groups.length === 0) return;
  const ask = { groups, text: "fields @timestamp | limit 1", window: { from: to - 60_000, to } };
  await runInsights(opened.logs, calls, ask, opened.bounds);
}

async function answerOf(
  opened: OpenedLogs,
  calls: AwsCalls,
  query: SignalQuery,
  window: Window,
): Promise<AwsAnswer> {
  const services = "services" in query ? query.services : undefined;
  const own = services ? await groupsOf(opened, calls, services) : opened;
  if (own.groups.length === 0) {
    const words = `none of ${opened.groups.length} log groups belongs to what was asked for`;
    return nothing(query.kind, [words], "Map groups to services with `services` of the source.");
  }
  const narrowed = { ...opened, ...own };
  if (query.kind === "log-search") return search(narrowed, calls, query, window);
  if (query.kind === "log-patterns") return logPatterns(narrowed, calls, query, window);
  if (query.kind === "log-volume") return logVolume(narrowed, calls, query, window);
  if (query.kind === "native") return native(narrowed, calls, query, window);
  throw new AwsRefusal("unsupported", `CloudWatch Logs do not answer ${query.kind}.`);
}

/** Services that are looked up by name where the account has more groups than are listed. */
const lookedUpMax = 10;

/** The groups of some services, and whether there may be more of them. */
async function groupsOf(
  opened: OpenedLogs,
  calls: AwsCalls,
  services: readonly string[],
): Promise<Pick<OpenedLogs, "groups" | "isCut">> {
  const { logs, kept, settings: own } = opened;
  const isOf = (group: string) => services.includes(serviceOfLogGroup(group, own.services));
  const listed = opened.groups.filter(isOf);
  if (!opened.isCut || own.logGroups.length > 0) return { groups: listed, isCut: opened.isCut };
  const theirs = Object.keys(own.services);
  const names = [
    ...services,
    ...theirs.filter((name) => services.includes(own.services[name] ?? "")),
  ];
  const found = await Promise.all(
    names
      .slice(0, lookedUpMax)
      .map((name) => kept(calls, `groups ${name}`, () => logGroupsLike(logs, calls, name))),
  );
  const groups = [...new Set([...listed, ...found.flat().filter(isOf)])];
  return { groups, isCut: names.length > lookedUpMax };
}

async function search(
  opened: OpenedLogs,
  calls: AwsCalls,
  query: LogSearchQuery,
  window: Window,
): Promise<AwsAnswer> {
  const most = Math.min(query.limit ?? limits.rowsDefault, insightsRowsMax - 1);
  // One more than wanted tells whether there was more.
  const text = searchText(query, most + 1);
  const { logs, groups, settings: own } = opened;
  const bounds = { ...opened.bounds, rowsMax: most + 1 };
  const found = await runInsights(logs, calls, { groups, text, window }, bounds);
  const newest = found.rows.toSorted(
    (a, b) => insightsTime(b["@timestamp"]) - insightsTime(a["@timestamp"]),
  );
  const { rows, gaps } = await wholeMessages(logs, calls, newest.slice(0, most));
  const frame = linesFrame(rows, own.services, most);
  const said = saying(opened, text, window, [found], frame.length < found.rows.length);
  return { frame, ...said, gaps: [...said.gaps, ...gaps] };
}

async function native(
  opened: OpenedLogs,
  calls: AwsCalls,
  query: NativeQuery,
  window: Window,
): Promise<AwsAnswer> {
  const most = Math.min(query.limit ?? limits.rowsDefault, insightsRowsMax - 1);
  const bounds = { ...opened.bounds, rowsMax: most + 1 };
  const ask = { groups: opened.groups, text: query.text, window };
  const found = await runInsights(opened.logs, calls, ask, bounds);
  const { rows, gaps } = await wholeMessages(opened.logs, calls, found.rows.slice(0, most));
  const frame = nativeFrame(rows);
  const said = saying(opened, query.text, window, [found], frame.length < found.rows.length);
  return { frame, ...said, gaps: [...said.gaps, ...gaps, ...apart(query.text, found.queries)] };
}

/** An aggregate of several queries is several aggregates, which nobody has added up. */
function apart(text: string, queries: number): readonly Gap[] {
  if (queries < 2 || !/\|\s*(stats|dedup|pattern)\b|^\s*(stats|dedup|pattern)\b/i.test(text)) {
    return [];
  }
  return [
    {
      what: `the rows of ${queries} queries`,
      why: "one query takes 50 log groups, and one that times out is asked in halves of the window",
      effect: "aggregates stand once per query: add them up before you compare",
      signal: "logs",
    },
  ];
}
