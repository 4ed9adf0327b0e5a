import { steadyClock } from "../../platform/clock.ts";
import type { AwsSettings } from "./client.ts";
import { pause } from "./pause.ts";

/** Lets a piece of work begin as soon as there is a place for it. */
export type Pace = <T>(work: () => Promise<T>) => Promise<T>;

/** An account and region, as far as settings tell them apart. */
export interface AwsPlace {
  /** The number of the account, where a role names it. */
  readonly account: string | undefined;
  /** Equal where quotas are shared. */
  readonly key: string;
}

/**
 * Where a source reads. An account is told by the role, else by the profile: that two of them lead
 * to the same one is not known without a call.
 */
export function placeOf({ region, profile, roleArn, endpoint }: AwsSettings): AwsPlace {
  const account = roleArn?.split(":")[4];
  return { account, key: JSON.stringify([account ?? profile, region, endpoint]) };
}

/**
 * Calls per second that we make of an action in an account and region, over all sources: at most
 * what AWS grants by default, which stands behind, and half of it where that is plenty, as people
 * and alarms live on the same quota. As many may come at once. AWS's pages, read in 2026:
 *
 * - "CloudWatch service quotas", monitoring/cloudwatch_limits.html
 * - "CloudWatch Logs quotas", logs/cloudwatch_limits_cwl.html
 * - LookupEvents of the "CloudTrail API Reference", APIReference/API_LookupEvents.html
 * - "Service Quotas" of the Athena guide, ug/service-limits.html
 *
 * `others` bounds what AWS publishes no rate of: all of X-Ray (its page "AWS X-Ray endpoints and
 * quotas" has none for reads), Application Signals, ECS, Lambda, CodeDeploy, StopQuery, GetLogRecord
 * and GetWorkGroup. There, an answer of throttling is waited out by the SDK.
 */
const perSecond: Readonly<Record<string, number>> = {
  "cloudwatch:GetMetricData": 25, // of 500
  "cloudwatch:GetMetricData points": 180_000, // of as many, or 396,000 beyond three hours
  "cloudwatch:ListMetrics": 12, // of 25
  "cloudwatch:DescribeAlarms": 5, // of 9
  "cloudwatch:DescribeAlarmHistory": 10, // of 20
  "logs:DescribeLogGroups": 5, // of 10
  "logs:StartQuery": 5, // of 10
  "logs:GetQueryResults": 8, // of 10
  "cloudtrail:LookupEvents": 2, // of 2
  "athena:StartQueryExecution": 10, // of 20
  "athena:StopQueryExecution": 10, // of 20
  "athena:GetQueryExecution": 50, // of 100
  "athena:GetQueryResults": 50, // of 100
};
const others = 15;

const nextAt = new Map<string, number>();
const keptMax = 2_000;

/**
 * Waits until an action may be called again in a place; returns early when the read is over. What
 * takes up more of a quota than one has a greater `weight`.
 */
export async function awaitTurn(
  place: AwsPlace,
  action: string,
  stop: AbortSignal,
  weight = 1,
): Promise<void> {
  const rate = perSecond[action] ?? others;
  const apartMs = 1_000 / rate;
  const key = `${place.key} ${action}`;
  const now = steadyClock.now();
  const at = Math.max(nextAt.get(key) ?? 0, now - (rate - weight) * apartMs);
  nextAt.delete(key);
  nextAt.set(key, at + weight * apartMs);
  const [oldest] = nextAt.keys();
  if (nextAt.size > keptMax && oldest !== undefined) nextAt.delete(oldest);
  if (at > now) await pause(at - now, stop);
}

interface Gate {
  readonly pace: Pace;
  /** Makes it as narrow as this, if it is wider. */
  narrow(atOnce: number): void;
}

function newGate(atOnce: number): Gate {
  let places = atOnce;
  let busy = 0;
  const waiting: (() => void)[] = [];
  return {
    narrow(wanted) {
      places = Math.min(places, wanted);
    },
    async pace(work) {
      if (busy < places) busy += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        // The place goes to who waits, unless there are fewer of them by now.
        const next = busy <= places ? waiting.shift() : undefined;
        if (next) next();
        else busy -= 1;
      }
    },
  };
}

const gates = new Map<string, Gate>();
const gatesMax = 200;

/**
 * The queries of Logs Insights that may run at once in an account and region, over all sources that
 * read it, as its quota is one too; of several wishes the smallest holds.
 */
export function insightsPace({ key }: AwsPlace, atOnce: number): Pace {
  const known = gates.get(key);
  if (known) {
    known.narrow(atOnce);
    return known.pace;
  }
  const made = newGate(atOnce);
  const [oldest] = gates.keys();
  if (gates.size >= gatesMax && oldest !== undefined) gates.delete(oldest);
  gates.set(key, made);
  return made.pace;
}
