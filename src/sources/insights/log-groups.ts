import type { LogGroup } from "@aws-sdk/client-cloudwatch-logs";
import { systemClock } from "../../platform/clock.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { everyPage } from "../aws/every-page.ts";
import { chunksOf } from "../cloudwatch/series.ts";
import type { Logs } from "./run.ts";

/** Groups whose names are looked for at all. */
export const groupsMax = 1_000;
const groupsPerPage = 50;

export interface LogGroupsFound {
  readonly groups: readonly string[];
  readonly isCut: boolean;
  /** How much each group took in on average, where its description tells. */
  readonly bytesPerMs: ReadonlyMap<string, number>;
  /** Epoch ms at which each group was made, where its description tells. */
  readonly madeAt: ReadonlyMap<string, number>;
}

/** Names of the log groups of the account, or those of the settings; `prefix*` is looked up. */
export async function logGroupsOf(
  logs: Logs,
  calls: AwsCalls,
  wanted: readonly string[],
): Promise<LogGroupsFound> {
  const { sdk, client } = logs;
  const bytesPerMs = new Map<string, number>();
  const madeAt = new Map<string, number>();
  const describe = ({ logGroupName: name, ...group }: LogGroup) => {
    if (!name) return;
    bytesPerMs.set(name, inflowOf(group));
    if (group.creationTime) madeAt.set(name, group.creationTime);
  };
  // The ARN of a group ends in `:*`, which is no prefix.
  const isPrefix = (each: string) => each.endsWith("*") && !each.startsWith("arn:");
  const groups = new Set(wanted.filter((each) => !isPrefix(each)));
  const prefixes = wanted.filter(isPrefix).map((each) => each.slice(0, -1));
  const named = describeNamed(logs, calls, [...groups], describe);
  let pagesLeft = groupsMax / groupsPerPage + prefixes.length;
  let isCut = false;
  for (const prefix of wanted.length === 0 ? [""] : prefixes) {
    const isCutHere = await everyPage(pagesLeft, async (token) => {
      pagesLeft -= 1;
      const page = await calls.call("logs:DescribeLogGroups", (abortSignal) =>
        client.send(
          new sdk.DescribeLogGroupsCommand({
            ...(prefix ? { logGroupNamePrefix: prefix } : {}),
            ...(token ? { nextToken: token } : {}),
            limit: groupsPerPage,
          }),
          { abortSignal },
        ),
      );
      for (const group of page.logGroups ?? []) {
        if (group.logGroupName) groups.add(group.logGroupName);
        describe(group);
      }
      return page.nextToken;
    });
    isCut ||= isCutHere;
  }
  await named;
  return { groups: [...groups], isCut, bytesPerMs, madeAt };
}

/**
 * Describes groups that are known by name, for what queries over them will scan. They can be read
 * without, so where they may not be described, nothing is expected beforehand.
 */
async function describeNamed(
  { sdk, client }: Logs,
  calls: AwsCalls,
  names: readonly string[],
  describe: (group: LogGroup) => void,
): Promise<void> {
  const jobs = chunksOf(names, groupsPerPage).map((logGroupIdentifiers) =>
    calls.call("logs:DescribeLogGroups", (abortSignal) =>
      client.send(new sdk.DescribeLogGroupsCommand({ logGroupIdentifiers }), { abortSignal }),
    ),
  );
  for (const each of await Promise.allSettled(jobs)) {
    if (each.status === "fulfilled") each.value.logGroups?.forEach(describe);
  }
}

/** Pages of groups with one word in their name. */
const namedPagesMax = 2;

/**
 * Groups with a word in their name: where the account has more than are listed, those of a service
 * may stand beyond them.
 */
export async function logGroupsLike(
  { sdk, client }: Logs,
  calls: AwsCalls,
  word: string,
): Promise<readonly string[]> {
  const groups: string[] = [];
  await everyPage(namedPagesMax, async (token) => {
    const page = await calls.call("logs:DescribeLogGroups", (abortSignal) =>
      client.send(
        new sdk.DescribeLogGroupsCommand({
          logGroupNamePattern: word,
          limit: groupsPerPage,
          ...(token ? { nextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    groups.push(...(page.logGroups ?? []).flatMap((group) => group.logGroupName ?? []));
    return page.nextToken;
  });
  return groups;
}

/** What is stored, over the time it was stored in. */
function inflowOf({ storedBytes = 0, creationTime, retentionInDays }: LogGroup): number {
  const age = systemClock.now() - (creationTime ?? 0);
  const kept = retentionInDays ? Math.min(age, retentionInDays * 86_400_000) : age;
  return storedBytes / Math.max(60_000, kept);
}
