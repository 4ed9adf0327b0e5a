import type { SourceContext } from "../../core/source.ts";
import { placeOf } from "../aws/account-pace.ts";
import { withCalls } from "../aws/answer.ts";
import type { AwsSettings } from "../aws/client.ts";
import { logGroupsOf } from "./log-groups.ts";
import { openLogs } from "./run.ts";

/** Groups that AWS itself fills with much that is no line of an application. */
const noApplication =
  /cloudtrail|flow-?logs?|\bvpc\b|RDSOSMetrics|\/performance$|\/(host|dataplane)$|waf-logs|route53|guardduty|^\/?aws\/(config|codebuild|imagebuilder|ssm|sagemaker\/)|^aws\/spans$/i;
/** A family with more groups than these is named by its prefix. */
const apartMax = 20;

/** The groups worth reading, and what was left out. */
export interface ProposedLogGroups {
  /** Names, or `prefix*` for a large family. */
  readonly groups: readonly string[];
  readonly leftOut: readonly string[];
  /** What they take in, as their stored bytes over their age tell. */
  readonly bytesPerDay: number;
}

/** Looks which log groups an application writes to; throws what AWS says when that is denied. */
export async function proposedLogGroups(
  settings: AwsSettings,
  context: SourceContext,
): Promise<ProposedLogGroups> {
  const logs = await openLogs(settings);
  try {
    const found = await withCalls(placeOf(settings), context, (calls) =>
      logGroupsOf(logs, calls, []),
    );
    const kept = found.groups.filter((group) => !noApplication.test(group));
    const families = Map.groupBy(kept, (group) => group.replace(/[^/]*$/, ""));
    const groups = [...families].flatMap(([family, all]) =>
      all.length > apartMax && family.length > 1 ? [`${family}*`] : all,
    );
    const perMs = kept.reduce((sum, group) => sum + (found.bytesPerMs.get(group) ?? 0), 0);
    return {
      groups: groups.toSorted(),
      leftOut: found.groups.filter((group) => noApplication.test(group)).toSorted(),
      bytesPerDay: perMs * 86_400_000,
    };
  } finally {
    logs.client.destroy();
  }
}
