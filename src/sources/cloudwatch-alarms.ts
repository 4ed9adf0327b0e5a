import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { limits } from "../core/limits.ts";
import type { Gap } from "../core/outcome.ts";
import type { AlarmsQuery, SignalQuery } from "../core/query.ts";
import type { Source, SourceContext, SourceDefinition } from "../core/source.ts";
import { toIso, type Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { placeOf } from "./aws/account-pace.ts";
import { type AwsAnswer, type AwsCalls, awsOutcome, awsProbe, nothing } from "./aws/answer.ts";
import { type AwsSettings, awsSettings } from "./aws/client.ts";
import { AwsRefusal, AwsStopped, awsFailure } from "./aws/faults.ts";
import { lazyClient } from "./aws/lazy-client.ts";
import { alarmsLink, graphedQueries, metricsLink, pathOf } from "./aws/links.ts";
import type { Transition } from "./cloudwatch/alarm-history.ts";
import { allAlarms, namedAlarms, transitionsOf } from "./cloudwatch/alarm-reads.ts";
import { alarmRows, alarmsFrame } from "./cloudwatch/alarm-rows.ts";
import { type CloudWatch, openCloudWatch } from "./cloudwatch/client.ts";

/** Alarms of CloudWatch: their state, their past, and what composite ones are made of. */
export const cloudwatchAlarms: SourceDefinition<typeof awsSettings> = {
  kind: "cloudwatch-alarms",
  title: "CloudWatch alarms",
  settings: awsSettings,
  permissions: ["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"],
  async open(name, own) {
    return openAlarms(name, own);
  },
};

/** CloudWatch keeps the history of an alarm this long. */
const keptMs = 30 * 86_400_000;
/** Histories of named alarms are asked one by one up to so many, else all at once. */
const namesApartMax = 10;

function openAlarms(name: string, own: AwsSettings): Source {
  const lazy = lazyClient(() => openCloudWatch(own));
  const place = placeOf(own);
  return {
    name,
    signals: ["alarms"],
    answers: ["alarms"],
    guide: "Alarms of CloudWatch with their changes of state of the last 30 days.",
    probe: (context) =>
      awsProbe(place, context, async (calls) => {
        const cloudwatch = await lazy.get();
        const to = systemClock.now();
        const [{ metric, composite, isCut }] = await Promise.all([
          allAlarms(cloudwatch, calls),
          transitionsOf(cloudwatch, calls, undefined, { from: to - 3_600_000, to }),
        ]);
        const count = metric.length + composite.length;
        return {
          state: count > 0 ? "ready" : "limited",
          lines: [`${count}${isCut ? " and more" : ""} alarms, ${composite.length} composite`],
        };
      }),
    run: (query: SignalQuery, window: Window, context: SourceContext) =>
      awsOutcome({ source: name, place, query, window }, context, async (calls) => {
        if (query.kind !== "alarms") {
          throw new AwsRefusal("unsupported", `CloudWatch alarms do not answer ${query.kind}.`);
        }
        const cloudwatch = await lazy.get();
        const answer = await alarms(own, cloudwatch, calls, query, window);
        return { region: cloudwatch.region, ...answer };
      }),
    close: () => lazy.close(),
  };
}

async function alarms(
  own: AwsSettings,
  cloudwatch: CloudWatch,
  calls: AwsCalls,
  query: AlarmsQuery,
  window: Window,
): Promise<AwsAnswer> {
  const now = systemClock.now();
  const text = `DescribeAlarms${query.names ? ` ${query.names.join(", ")} and their children` : ""}`;
  if (window.from >= now) {
    return nothing(text, ["the window has not begun"], "Ask for a window in the past.");
  }
  const names = query.names;
  const finding = names ? namedAlarms(cloudwatch, calls, names) : allAlarms(cloudwatch, calls);
  // Named alarms may turn out to have children, whose past is asked for once they are known.
  const past = names ? null : readPast(cloudwatch, calls, undefined, window, now);
  past?.catch(() => undefined);
  const found = await finding;
  const all = [...found.metric, ...found.composite].map((each) => each.AlarmName ?? "");
  const { transitions, isCut, gaps } = await (past ??
    readPast(cloudwatch, calls, all.length <= namesApartMax ? all : undefined, window, now));
  const hasPast = gaps.length === 0 || transitions.length > 0;
  const rows = alarmRows(found, hasPast ? transitions : null, window, own.services);
  const wanted =
    names || query.state === "all"
      ? rows
      : rows.filter((row) => row.state === "firing" || row.firings > 0);
  const kept = wanted.slice(0, Math.min(query.limit ?? limits.rowsDefault, limits.rowsMax));
  return {
    frame: alarmsFrame(kept),
    query: `${text}; DescribeAlarmHistory of changes of state since ${toIso(window.from)}`,
    truncated: found.isCut || isCut || kept.length < wanted.length,
    gaps,
    link: linkTo(
      found.metric.filter((alarm) => kept.some(({ name }) => name === alarm.AlarmName)),
      cloudwatch.region,
      names,
      window,
    ),
    reasons:
      rows.length === 0
        ? [names ? "no alarm has this name in this account and region" : "there are no alarms"]
        : [`${rows.length} alarms, none of which fired in this time`],
    next: "Ask for all states, or for another account or region.",
  };
}

/** What these alarms watch, over the window; the page of an alarm itself takes no window. */
function linkTo(
  alarms: readonly MetricAlarm[],
  region: string,
  names: readonly string[] | undefined,
  window: Window,
): string {
  const plain = alarms.flatMap((alarm) => {
    const path = pathOf(alarm);
    const stat = alarm.ExtendedStatistic ?? alarm.Statistic ?? "Average";
    return path ? [{ path, stat }] : [];
  });
  // Names in math are those of one alarm: another's could mean another metric.
  const [math] = alarms.filter((alarm) => alarm.Metrics?.length);
  const watched = [...plain, ...graphedQueries(math?.Metrics ?? [])];
  const periods = alarms.map((alarm) => alarm.Period ?? 60);
  if (watched.length === 0) return alarmsLink(region, names);
  return metricsLink(region, watched, Math.min(...periods), window);
}

/** Changes of state until now: they tell the state at the window's end as well. */
async function readPast(
  cloudwatch: CloudWatch,
  calls: AwsCalls,
  names: readonly string[] | undefined,
  window: Window,
  now: number,
): Promise<{ transitions: readonly Transition[]; isCut: boolean; gaps: readonly Gap[] }> {
  const gaps: Gap[] = [];
  const effect = "when these alarms fired before is not known";
  if (window.from < now - keptMs) {
    const what = "the past of CloudWatch alarms";
    gaps.push({ what, why: "CloudWatch keeps it for 30 days", effect, signal: "alarms" });
  }
  const stretch = { from: Math.max(window.from, now - keptMs), to: now };
  const parts = await Promise.all(
    (names ?? [undefined]).map((name) =>
      transitionsOf(cloudwatch, calls, name, stretch).catch((error: unknown) => {
        if (error instanceof AwsStopped) throw error;
        const { reason, message } = awsFailure(error);
        const what = name ? `the past of the alarm ${name}` : "the past of CloudWatch alarms";
        gaps.push({ what, why: `${reason}: ${message}`, effect, signal: "alarms" });
        return { transitions: [], isCut: false };
      }),
    ),
  );
  return {
    transitions: parts.flatMap((part) => part.transitions),
    isCut: parts.some((part) => part.isCut),
    gaps,
  };
}
