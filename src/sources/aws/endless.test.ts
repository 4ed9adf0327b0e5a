import { expect, it } from "vitest";
import type { QueryKind, SignalQuery } from "../../core/query.ts";
import { systemClock } from "../../platform/clock.ts";
import { sourceDefinitions } from "../index.ts";
import { freeContext } from "../testing/ask.ts";
import { answer, awsDouble } from "../testing/aws-double.ts";
import { fakeAwsCredentials } from "../testing/moto.ts";
import { everyPage } from "./every-page.ts";

fakeAwsCredentials(process.env);
const window = { from: systemClock.now() - 3_600_000, to: systemClock.now() };
const baseline = { from: window.from - 3_600_000, to: window.from };
/** More than any read needs, and less than would hurt an account. */
const callsMax = 150;

const asked: Partial<Record<QueryKind, object>> = {
  "log-volume": { baseline, stepMs: 60_000 },
  "span-series": { baseline, stepMs: 60_000 },
  "log-patterns": { baseline },
  "operation-stats": { baseline },
  "metric-series": { baseline },
  trace: { traceId: "0af7651916cd43dd8448eb211c80319c" },
  native: { source: "s", text: "SELECT 1" },
};

const sources = sourceDefinitions.filter(({ permissions }) =>
  permissions.some((permission) => /^[\w-]+:[A-Z]\w+$/.test(permission)),
);

it.each(sources.map((definition) => [definition.kind, definition] as const))(
  "ends at a page where AWS has always one more: %s",
  async (_kind, definition) => {
    await using aws = await awsDouble(() => answer({ NextToken: "more", nextToken: "more" }));
    const own = { region: "eu-west-1", endpoint: aws.endpoint };
    const parsed = definition.settings.safeParse({ ...own, workgroup: "w", database: "d" });
    const source = await definition.open("s", parsed.data ?? definition.settings.parse(own));
    for (const kind of source.answers) {
      const before = aws.requests.length;
      const context = { ...freeContext(), deadline: systemClock.now() + 3_000 };
      const query = { kind, ...asked[kind] } as SignalQuery;
      const outcome = await source.run(query, window, context);
      const calls = aws.requests.length - before;
      const isSaid = outcome.kind === "failed" || outcome.provenance.truncated;
      expect([kind, calls <= callsMax, isSaid || calls < 5, outcome.kind, calls]).toEqual([
        kind,
        true,
        true,
        outcome.kind,
        calls,
      ]);
    }
    await source.close();
  },
  60_000,
);

it("reads every page, at most so many, and none twice", async () => {
  const read: (string | undefined)[] = [];
  const pageOf = (tokens: readonly string[]) => async (token: string | undefined) => {
    read.push(token);
    return tokens[read.length - 1];
  };
  expect(await everyPage(5, pageOf(["a", "b"]))).toBe(false);
  expect(read.splice(0)).toEqual([undefined, "a", "b"]);
  expect(await everyPage(2, pageOf(["a", "b"]))).toBe(true);
  expect(read.splice(0)).toEqual([undefined, "a"]);
  expect(await everyPage(5, pageOf(["a", "a", "a", "a", "a"]))).toBe(true);
  expect(read).toEqual([undefined, "a"]);
});
