import { z } from "zod";
import type { Frame } from "../core/frame.ts";
import { limits } from "../core/limits.ts";
import type {
  LogPatternsQuery,
  LogSearchQuery,
  LogVolumeQuery,
  NativeQuery,
  SignalQuery,
} from "../core/query.ts";
import type { Source, SourceContext, SourceDefinition } from "../core/source.ts";
import { lengthMs, type Window } from "../core/window.ts";
import { type AwsAnswer, type AwsCalls, awsOutcome, awsProbe, nothing } from "./aws-answer.ts";
import { accountOf, awsSettings } from "./aws-client.ts";
import { AwsRefusal } from "./aws-faults.ts";
import { insightsLink } from "./aws-links.ts";
import { serviceOfLogGroup } from "./aws-service-name.ts";
import { linesFrame, nativeFrame, patternGroups, volumeFrame } from "./insights-frames.ts";
import { failingFilter, searchText } from "./insights-query.ts";
import {
  gate,
  groupsPerQuery,
  type InsightsLimits,
  insightsRowsMax,
  type Logs,
  logGroupsOf,
  openLogs,
  runInsights,
} from "./insights-run.ts";
import { mostSurprising, patternRows, patternsFrame } from "./log-pattern-rows.ts";

const settings = awsSettings.extend({
  /** Log groups to read, by name or as `prefix*`; all of the account when empty. */
  logGroups: z.array(z.string().min(1)).default([]),
  /** Queries at the same time; leave the rest of the account's quota to people. */
  queriesAtOnce: z.number().int().positive().max(30).default(8),
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

interface Opened {
  readonly settings: Settings;
  readonly logs: Logs;
  readonly bounds: InsightsLimits;
  readonly groups: readonly string[];
  /** True when the account has more groups than are looked at. */
  readonly isCut: boolean;
}

function openLogSource(name: string, own: Settings): Source {
  let made: Promise<Logs> | null = null;
  const logs = () => {
    made ??= openLogs(own);
    made.catch(() => {
      made = null;
    });
    return made;
  };
  const pace = gate(own.queriesAtOnce);
  const open = async (calls: AwsCalls, bytesMax: number): Promise<Opened> => {
    const opened = await logs();
    const found = await logGroupsOf(opened, calls, own.logGroups);
    const bounds = { pace, bytesMax, rowsMax: insightsRowsMax };
    return { settings: own, logs: opened, bounds, ...found };
  };
  const account = accountOf(own);
  return {
    name,
    signals: ["logs"],
    answers: ["log-search", "log-patterns", "log-volume", "native"],
    guide,
    probe: (context) =>
      awsProbe(context, async (calls) => {
        const { groups } = await open(calls, context.bytesMax);
        const count = groups.length;
        const words = count > 0 ? `${count} log groups` : "no log group; name some in `logGroups`";
        return { state: count > 0 ? "ready" : "limited", lines: [words] };
      }),
    run: (query: SignalQuery, window: Window, context: SourceContext) =>
      awsOutcome(
        { source: name, account, query, window, signal: "logs" },
        context,
        async (calls) => {
          const opened = await open(calls, context.bytesMax);
          const answer = await answerOf(opened, calls, query, window);
          return { region: opened.logs.region, ...answer };
        },
      ),
    async close() {
      const known = await made?.catch(() => null);
      known?.client.destroy();
      made = null;
    },
  };
}

async function answerOf(
  opened: Opened,
  calls: AwsCalls,
  query: SignalQuery,
  window: Window,
): Promise<AwsAnswer> {
  const groups = "services" in query ? groupsOf(opened, query.services) : opened.groups;
  if (groups.length === 0) {
    const words = `none of ${opened.groups.length} log groups belongs to what was asked for`;
    return nothing(query.kind, [words], "Map groups to services with `services` of the source.");
  }
  const narrowed = { ...opened, groups };
  if (query.kind === "log-search") return search(narrowed, calls, query, window);
  if (query.kind === "log-patterns") return patterns(narrowed, calls, query, window);
  if (query.kind === "log-volume") return volume(narrowed, calls, query, window);
  if (query.kind === "native") return native(narrowed, calls, query, window);
  throw new AwsRefusal("unsupported", `CloudWatch Logs do not answer ${query.kind}.`);
}

function groupsOf(opened: Opened, services: readonly string[] | undefined): readonly string[] {
  if (!services) return opened.groups;
  const names = opened.settings.services;
  return opened.groups.filter((group) => services.includes(serviceOfLogGroup(group, names)));
}

async function search(
  opened: Opened,
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
  const frame = linesFrame(found.rows, own.services, most);
  return { frame, ...saying(opened, text, window, found, frame.length < found.rows.length) };
}

/** What every answer says of its query. */
function saying(
  { logs, groups, isCut }: Opened,
  text: string,
  window: Window,
  found: { readonly bytes: number; readonly isCut: boolean },
  isCutHere: boolean,
) {
  const many = groups.length > groupsPerQuery ? `; the link opens ${groupsPerQuery} of them` : "";
  return {
    query: `${text}\n# ${groups.length} log groups${many}`,
    bytes: found.bytes,
    truncated: isCut || found.isCut || isCutHere,
    link: insightsLink(logs.region, text, groups.slice(0, groupsPerQuery), window),
  };
}

/** Patterns are mined by Logs Insights per service and period, then matched with one another. */
async function patterns(
  opened: Opened,
  calls: AwsCalls,
  query: LogPatternsQuery,
  window: Window,
): Promise<AwsAnswer> {
  const text = `fields @message\n| pattern @message\n| sort @sampleCount desc\n| limit 1000`;
  const { logs, settings: own } = opened;
  const bounds = { ...opened.bounds, rowsMax: 1_000 };
  const services = Map.groupBy(opened.groups, (g) => serviceOfLogGroup(g, own.services));
  const periods = query.baseline ? [window, query.baseline] : [window];
  const parts = await Promise.all(
    [...services].flatMap(([service, groups]) =>
      periods.map(async (period, at) => {
        const ask = { groups, text, window: period };
        const found = await runInsights(logs, calls, ask, bounds);
        return { service, isInside: at === 0, found };
      }),
    ),
  );
  if (parts.some(({ found }) => found.rows.some((row) => row["@pattern"] === undefined))) {
    throw new AwsRefusal("malformed", "Logs Insights answered a pattern query without patterns.");
  }
  const groups = patternGroups(parts);
  const all = patternRows(groups);
  const most = Math.min(query.limit ?? limits.logPatternsMax, limits.logPatternsMax);
  const ratio = query.baseline ? lengthMs(window) / lengthMs(query.baseline) : 0;
  const rows = mostSurprising(all, ratio, most);
  const found = {
    bytes: parts.reduce((sum, part) => sum + part.found.bytes, 0),
    isCut: parts.some((part) => part.found.isCut),
  };
  const frame: Frame = patternsFrame(rows, groups);
  return { frame, ...saying(opened, text, window, found, rows.length < all.length) };
}

async function volume(
  opened: Opened,
  calls: AwsCalls,
  query: LogVolumeQuery,
  window: Window,
): Promise<AwsAnswer> {
  const stepSeconds = Math.max(1, Math.ceil(query.stepMs / 1_000));
  const stats = `stats count(*) as lines by bin(${stepSeconds}s) as at, @log\n| limit 10000`;
  const failing = `filter ${failingFilter}\n| ${stats}`;
  const periods = query.baseline ? [window, query.baseline] : [window];
  const { logs, groups, bounds, settings: own } = opened;
  const parts = await Promise.all(
    periods.flatMap((period) =>
      [stats, failing].map(async (text) => {
        const ask = { groups, text, window: period };
        return { isFailing: text === failing, found: await runInsights(logs, calls, ask, bounds) };
      }),
    ),
  );
  const all = volumeFrame(parts, periods, stepSeconds * 1_000, own.services, limits.seriesMax);
  const frame = volumeFrame(parts, periods, stepSeconds * 1_000, own.services, query.limit);
  const found = {
    bytes: parts.reduce((sum, part) => sum + part.found.bytes, 0),
    isCut: parts.some((part) => part.found.isCut),
  };
  return { frame, ...saying(opened, failing, window, found, frame.length < all.length) };
}

async function native(
  opened: Opened,
  calls: AwsCalls,
  query: NativeQuery,
  window: Window,
): Promise<AwsAnswer> {
  const most = Math.min(query.limit ?? limits.rowsDefault, insightsRowsMax - 1);
  const bounds = { ...opened.bounds, rowsMax: most + 1 };
  const ask = { groups: opened.groups, text: query.text, window };
  const found = await runInsights(opened.logs, calls, ask, bounds);
  const frame = nativeFrame(found.rows.slice(0, most));
  return { frame, ...saying(opened, query.text, window, found, frame.length < found.rows.length) };
}
