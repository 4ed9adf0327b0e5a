import type {
  Interval,
  ServiceLevelObjectiveBudgetReport as Report,
} from "@aws-sdk/client-application-signals";
import type { Frame } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { Gap } from "../../core/outcome.ts";
import type { SlosQuery } from "../../core/query.ts";
import type { SloReport } from "../../core/rows.ts";
import { lengthMs, type Window } from "../../core/window.ts";
import { systemClock } from "../../platform/clock.ts";
import type { AwsAnswer, AwsCalls } from "../aws/answer.ts";
import { objectivesLink } from "../aws/links.ts";
import { rowsFrame } from "../rows-frame.ts";
import { type BudgetReports, budgetReports, listObjectives, type Signals } from "./reads.ts";

/** Objectives with their budgets at the end of the window, and how fast it burnt in it. */
export async function slos(
  signals: Signals,
  names: Readonly<Record<string, string>>,
  calls: AwsCalls,
  query: SlosQuery,
  window: Window,
): Promise<AwsAnswer> {
  const found = await listObjectives(signals, calls);
  const wanted = found.items
    .map((each) => {
      const known = each.KeyAttributes?.Name ?? "";
      return { each, service: names[known] ?? known };
    })
    .filter(({ service }) => query.services?.includes(service) ?? true);
  const most = Math.min(query.limit ?? limits.rowsDefault, limits.rowsMax);
  const asked = wanted.slice(0, most);
  const ids = asked.flatMap(({ each }) => each.Arn ?? each.Name ?? []);
  const over = { from: window.from, to: Math.min(window.to, systemClock.now()) };
  const [before, after] = (await Promise.all(
    [over.from, over.to].map((at) =>
      ids.length > 0 ? budgetReports(signals, calls, ids, at) : { reports: [], errors: [] },
    ),
  )) as [BudgetReports, BudgetReports];
  const byName = (all: BudgetReports) => new Map(all.reports.map((report) => [report.Arn, report]));
  const [was, now] = [byName(before), byName(after)];
  const rows = asked.flatMap(({ each, service }): SloReport[] => {
    const report = now.get(each.Arn);
    if (!report) return [];
    return [rowOf(report, was.get(each.Arn), over, service, each.OperationName ?? null)];
  });
  return {
    frame: slosFrame(rows),
    query: `BatchGetServiceLevelObjectiveBudgetReport of ${ids.length} objectives`,
    truncated: found.isCut || asked.length < wanted.length,
    gaps: after.errors.map(errorGap),
    link: objectivesLink(
      signals.region,
      asked.flatMap(({ each }) => each.Name ?? []),
      window,
    ),
    reasons: [
      found.items.length === 0
        ? "Application Signals has no objectives in this account and region"
        : `none of ${found.items.length} objectives is what was asked for`,
    ],
    next: "Declare objectives under `slos` in shodo.yaml.",
  };
}

function errorGap(error: BudgetReports["errors"][number]): Gap {
  return {
    what: `the objective ${error.Name ?? error.Arn ?? "without name"}`,
    why: [error.ErrorCode, error.ErrorMessage?.slice(0, 300)].filter(Boolean).join(": "),
    effect: "how much of its budget is left is not known",
    signal: "metrics",
  };
}

const states: Readonly<Record<string, string>> = {
  OK: "ok",
  WARNING: "warning",
  BREACHED: "breached",
};

function rowOf(
  report: Report,
  before: Report | undefined,
  window: Window,
  service: string,
  operation: string | null,
): SloReport {
  const budget = budgetOf(report);
  return {
    name: report.Name ?? "",
    service,
    operation,
    target: share(report.Goal?.AttainmentGoal),
    attained: share(report.Attainment),
    budgetLeft: budget.total > 0 ? budget.left / budget.total : Number.NaN,
    burnRate: burnRate(budget, before ? budgetOf(before) : null, report.Goal?.Interval, window),
    state: states[report.BudgetStatus ?? ""] ?? "unknown",
  };
}

/** A percentage as a share. */
function share(percent: number | undefined): number {
  // 99.9 / 100 is not 0.999: the digits of the division are cut.
  return percent === undefined ? Number.NaN : Number((percent / 100).toFixed(10));
}

interface Budget {
  readonly total: number;
  readonly left: number;
}

/** Seconds for an objective on periods, requests for one on requests. */
function budgetOf(report: Report): Budget {
  return {
    total: report.TotalBudgetSeconds ?? report.TotalBudgetRequests ?? Number.NaN,
    left: report.BudgetSecondsRemaining ?? report.BudgetRequestsRemaining ?? Number.NaN,
  };
}

/**
 * Share of the budget spent in the window, divided by the share of the interval that the window is
 * (SRE Workbook, chapter 5). What left a rolling interval meanwhile makes it a little too low.
 */
function burnRate(
  after: Budget,
  before: Budget | null,
  interval: Interval | undefined,
  window: Window,
): number {
  const intervalMs = lengthOf(interval);
  if (!before || !(after.total > 0) || !(intervalMs > 0)) return Number.NaN;
  const spent = after.total - after.left - (before.total - before.left);
  const fraction = lengthMs(window) / intervalMs;
  return fraction > 0 ? Math.max(0, spent / after.total / fraction) : Number.NaN;
}

const unitMs: Readonly<Record<string, number>> = {
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
  MONTH: 30 * 86_400_000,
};

function lengthOf(interval: Interval | undefined): number {
  const { DurationUnit: unit, Duration: count } =
    interval?.RollingInterval ?? interval?.CalendarInterval ?? {};
  return (unitMs[unit ?? ""] ?? Number.NaN) * (count ?? 1);
}

function slosFrame(rows: readonly SloReport[]): Frame {
  return rowsFrame(rows, {
    texts: {
      name: (row) => row.name,
      service: (row) => row.service,
      operation: (row) => row.operation,
      state: (row) => row.state,
    },
    numbers: {
      target: (row) => row.target,
      attained: (row) => row.attained,
      budget_left: (row) => row.budgetLeft,
      burn_rate: (row) => row.burnRate,
    },
  });
}
