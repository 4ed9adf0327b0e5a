import { expect, it } from "vitest";
import { systemClock } from "../../platform/clock.ts";
import { freeContext } from "../testing/ask.ts";
import { answer, awsDouble } from "../testing/aws-double.ts";
import { awsSources, openAwsSource } from "../testing/aws-sources.ts";
import { fakeAwsCredentials } from "../testing/moto.ts";
import { everyPage } from "./every-page.ts";

fakeAwsCredentials(process.env);
const window = { from: systemClock.now() - 3_600_000, to: systemClock.now() };
/** More than any read needs, and less than would hurt an account. */
const callsMax = 150;

it.each(awsSources.map((definition) => [definition.kind, definition] as const))(
  "ends at a page where AWS has always one more: %s",
  async (_kind, definition) => {
    await using aws = await awsDouble(() => answer({ NextToken: "more", nextToken: "more" }));
    const { source, asked } = await openAwsSource(definition, aws.endpoint, window);
    for (const kind of source.answers) {
      const before = aws.requests.length;
      const context = { ...freeContext(), deadline: systemClock.now() + 3_000 };
      const outcome = await source.run(asked(kind), window, context);
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
