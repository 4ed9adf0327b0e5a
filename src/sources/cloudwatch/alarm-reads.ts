import type { AlarmHistoryItem, CompositeAlarm, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { everyPage } from "../aws/every-page.ts";
import type { AlarmState, Transition } from "./alarm-history.ts";
import { alarmsOfRule } from "./alarm-rule.ts";
import type { CloudWatch } from "./client.ts";
import { chunksOf } from "./series.ts";

/** Pages of 100 that one read follows. */
const pagesMax = 50;
/** Names of one call, by the limit of DescribeAlarms. */
const namesPerCall = 100;
/** Composite alarms inside composite alarms are followed this deep. */
const depthMax = 5;

export interface Found {
  readonly metric: readonly MetricAlarm[];
  readonly composite: readonly CompositeAlarm[];
  readonly isCut: boolean;
}

/** All alarms of the account and region, metric and composite. */
export async function allAlarms(cloudwatch: CloudWatch, calls: AwsCalls): Promise<Found> {
  return describe(cloudwatch, calls, undefined);
}

/** The named alarms and, under composite ones, every alarm of their rules; cycles end. */
export async function namedAlarms(
  cloudwatch: CloudWatch,
  calls: AwsCalls,
  names: readonly string[],
): Promise<Found> {
  const seen = new Set<string>();
  const metric: MetricAlarm[] = [];
  const composite: CompositeAlarm[] = [];
  let isCut = false;
  let wanted: readonly string[] = [...new Set(names)];
  for (let depth = 0; wanted.length > 0; depth++) {
    if (depth > depthMax) return { metric, composite, isCut: true };
    for (const name of wanted) seen.add(name);
    const parts = await Promise.all(
      chunksOf(wanted, namesPerCall).map((chunk) => describe(cloudwatch, calls, chunk)),
    );
    const rules = parts.flatMap((part) => part.composite.map((each) => each.AlarmRule ?? ""));
    metric.push(...parts.flatMap((part) => part.metric));
    composite.push(...parts.flatMap((part) => part.composite));
    isCut ||= parts.some((part) => part.isCut);
    wanted = [...new Set(rules.flatMap(alarmsOfRule))].filter((name) => !seen.has(name));
  }
  return { metric, composite, isCut };
}

async function describe(
  { sdk, client }: CloudWatch,
  calls: AwsCalls,
  names: readonly string[] | undefined,
): Promise<Found> {
  const metric: MetricAlarm[] = [];
  const composite: CompositeAlarm[] = [];
  const isCut = await everyPage(pagesMax, async (token) => {
    const answer = await calls.call("cloudwatch:DescribeAlarms", (abortSignal) =>
      client.send(
        new sdk.DescribeAlarmsCommand({
          // Left out, composite alarms are silently not returned.
          AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
          MaxRecords: 100,
          ...(names ? { AlarmNames: [...names] } : {}),
          ...(token ? { NextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    metric.push(...(answer.MetricAlarms ?? []));
    composite.push(...(answer.CompositeAlarms ?? []));
    return answer.NextToken;
  });
  return { metric, composite, isCut };
}

/** Changes of state of one alarm, or of all, newest first. */
export async function transitionsOf(
  { sdk, client }: CloudWatch,
  calls: AwsCalls,
  name: string | undefined,
  window: Window,
): Promise<{ readonly transitions: readonly Transition[]; readonly isCut: boolean }> {
  const transitions: Transition[] = [];
  const isCut = await everyPage(pagesMax, async (token) => {
    const answer = await calls.call("cloudwatch:DescribeAlarmHistory", (abortSignal) =>
      client.send(
        new sdk.DescribeAlarmHistoryCommand({
          AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
          HistoryItemType: "StateUpdate",
          StartDate: new Date(window.from),
          EndDate: new Date(window.to),
          MaxRecords: 100,
          ScanBy: "TimestampDescending",
          ...(name ? { AlarmName: name } : {}),
          ...(token ? { NextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    transitions.push(...(answer.AlarmHistoryItems ?? []).flatMap(transitionOf));
    return answer.NextToken;
  });
  return { transitions, isCut };
}

const stateSchema = z.looseObject({ stateValue: z.string() });
const historySchema = z.looseObject({ oldState: stateSchema.optional(), newState: stateSchema });

function transitionOf(item: AlarmHistoryItem): readonly Transition[] {
  const { AlarmName: alarm, Timestamp: time, HistoryData: text, HistorySummary: summary } = item;
  if (!alarm || !time) return [];
  const at = time.getTime();
  try {
    const { oldState, newState } = historySchema.parse(JSON.parse(text ?? ""));
    const before = oldState ? stateOf(oldState.stateValue) : null;
    return [{ alarm, at, before, after: stateOf(newState.stateValue) }];
  } catch {
    // The summary reads "Alarm updated from OK to ALARM".
    const [, before, after] = /from (\w+) to (\w+)/.exec(summary ?? "") ?? [];
    return before && after ? [{ alarm, at, before: stateOf(before), after: stateOf(after) }] : [];
  }
}

/** CloudWatch's word for a state as ours. */
export function stateOf(value: string | undefined): AlarmState {
  return value === "ALARM" ? "firing" : value === "OK" ? "resolved" : "unknown";
}
