import type { CompositeAlarm, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { Frame } from "../../core/frame.ts";
import type { AlarmRow } from "../../core/rows.ts";
import type { Window } from "../../core/window.ts";
import { serviceOf } from "../aws/service-name.ts";
import { rowsFrame } from "../rows-frame.ts";
import { pastOf, suggestedWindow, type Transition } from "./alarm-history.ts";
import { type Found, stateOf } from "./alarm-reads.ts";
import { alarmsOfRule } from "./alarm-rule.ts";

type Names = Readonly<Record<string, string>>;

/** What composite alarms may hold that is looked into for services and windows. */
const depthMax = 5;

/**
 * Alarms as they stood at the end of the window, firing ones first. `transitions` is null when the
 * past could not be read: then the present state stands, and how often they fired is not known.
 */
export function alarmRows(
  { metric, composite }: Found,
  transitions: readonly Transition[] | null,
  window: Window,
  names: Names,
): readonly AlarmRow[] {
  const byName = Map.groupBy(transitions ?? [], ({ alarm }) => alarm);
  const rows = new Map<string, AlarmRow>();
  for (const alarm of metric) {
    const own = metricOf(alarm, names);
    const { periodMs, periods } = own;
    rows.set(alarm.AlarmName ?? "", {
      ...rowOf(alarm, byName, transitions !== null, window, { periodMs, periods }),
      service: own.service,
      metric: own.metric,
      children: [],
    });
  }
  for (const alarm of composite) {
    const children = alarmsOfRule(alarm.AlarmRule ?? "");
    const row = rowOf(alarm, byName, transitions !== null, window, null);
    rows.set(alarm.AlarmName ?? "", { ...row, service: null, metric: null, children });
  }
  return [...rows.values()]
    .map((row) => (row.children.length > 0 ? grown(row, rows) : row))
    .sort(
      (a, b) => Number(b.state === "firing") - Number(a.state === "firing") || b.since - a.since,
    );
}

/**
 * A composite alarm speaks of the service of its firing children, and of the time of all of them.
 */
function grown(row: AlarmRow, rows: ReadonlyMap<string, AlarmRow>): AlarmRow {
  const below = leavesOf(row, rows);
  const firing = below.filter((each) => each.state === "firing" || each.firings > 0);
  const services = new Set((firing.length > 0 ? firing : below).map((each) => each.service));
  const windows = firing.flatMap((each) => each.suggested ?? []);
  return {
    ...row,
    service: services.size === 1 ? ([...services][0] ?? null) : null,
    suggested:
      windows.length > 0
        ? {
            from: Math.min(...windows.map(({ from }) => from)),
            to: Math.max(...windows.map(({ to }) => to)),
          }
        : null,
  };
}

/** The metric alarms under a composite one, each once. */
function leavesOf(row: AlarmRow, rows: ReadonlyMap<string, AlarmRow>): readonly AlarmRow[] {
  const seen = new Set<string>([row.name]);
  const leaves: AlarmRow[] = [];
  let names = row.children;
  for (let depth = 0; depth < depthMax && names.length > 0; depth++) {
    const next: string[] = [];
    for (const name of names) {
      const child = rows.get(name);
      if (!child || seen.has(name)) continue;
      seen.add(name);
      if (child.children.length === 0) leaves.push(child);
      else next.push(...child.children);
    }
    names = next;
  }
  return leaves;
}

function rowOf(
  alarm: MetricAlarm | CompositeAlarm,
  transitions: ReadonlyMap<string, readonly Transition[]>,
  hasPast: boolean,
  window: Window,
  rhythm: { readonly periodMs: number; readonly periods: number } | null,
): Omit<AlarmRow, "service" | "metric" | "children"> {
  const name = alarm.AlarmName ?? "";
  const past = pastOf(transitions.get(name) ?? [], window);
  const changed = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  const changedAt = changed?.getTime() ?? Number.NaN;
  const state = past.state ?? stateOf(alarm.StateValue);
  // An alarm that has fired since before the window has its run there, not in the window.
  const run =
    past.lastRun ??
    (state === "firing" && changedAt < window.to ? { from: changedAt, to: changedAt } : null);
  return {
    name,
    state,
    since: past.since ?? changedAt,
    reason: alarm.StateReason ?? "",
    firings: hasPast ? past.firings : Number.NaN,
    isFlapping: past.isFlapping,
    suggested: run && rhythm ? suggestedWindow(run, rhythm.periodMs, rhythm.periods) : null,
  };
}

/**
 * What a metric alarm watches. Of metric math the first metric stands for all; its band is said.
 */
function metricOf(alarm: MetricAlarm, names: Names) {
  const listed = alarm.Metrics ?? [];
  const stats = listed.flatMap((each) => each.MetricStat ?? []);
  const first = stats[0];
  const namespace = alarm.Namespace ?? first?.Metric?.Namespace ?? "";
  const dimensions = (alarm.Dimensions ?? first?.Metric?.Dimensions ?? []).map((each) => ({
    name: each.Name ?? "",
    value: each.Value ?? "",
  }));
  const seconds = [
    alarm.Period,
    ...stats.map((each) => each.Period),
    ...listed.map((e) => e.Period),
  ];
  const known = seconds.filter((each) => each !== undefined);
  const statistic = alarm.ExtendedStatistic ?? alarm.Statistic ?? first?.Stat;
  const metric = alarm.MetricName ?? first?.Metric?.MetricName;
  const formula = listed.find((each) => each.ReturnData !== false && each.Expression)?.Expression;
  const plain = [statistic, metric].filter(Boolean).join(" ");
  return {
    service: namespace ? serviceOf(namespace, dimensions, names).service : null,
    metric: (formula ? `${formula} of ${plain || "an expression"}` : plain) || null,
    periodMs: 1_000 * (known.length > 0 ? Math.max(...known) : 60),
    periods: alarm.EvaluationPeriods ?? 1,
  };
}

/** Alarms as the frame of `alarms`. */
export function alarmsFrame(rows: readonly AlarmRow[]): Frame {
  return rowsFrame(rows, {
    texts: {
      name: (row) => row.name,
      service: (row) => row.service,
      state: (row) => row.state,
      reason: (row) => row.reason,
      metric: (row) => row.metric,
    },
    times: {
      since: (row) => row.since,
      suggested_from: (row) => row.suggested?.from ?? Number.NaN,
      suggested_to: (row) => row.suggested?.to ?? Number.NaN,
    },
    numbers: { firings: (row) => row.firings, flapping: (row) => Number(row.isFlapping) },
    jsons: { children: (row) => row.children },
  });
}
