import { expect, it } from "vitest";
import type { QueryKind } from "../../core/query.ts";
import { systemClock } from "../../platform/clock.ts";
import { freeContext } from "../testing/ask.ts";
import { type AwsReply, awsDouble, fault } from "../testing/aws-double.ts";
import { awsSources, openAwsSource } from "../testing/aws-sources.ts";
import { fakeAwsCredentials } from "../testing/moto.ts";

fakeAwsCredentials(process.env);
const hour = 3_600_000;
const now = systemClock.now();
const window = { from: now - hour, to: now };

const faults: readonly (readonly [string, AwsReply, RegExp])[] = [
  ["throttles", fault("ThrottlingException", 400), /^throttled$/],
  ["says that the token expired", fault("ExpiredTokenException", 403), /^denied$/],
  ["denies", fault("AccessDeniedException", 400), /^denied$/],
  ["breaks", fault("InternalServerError", 500), /^unavailable$/],
  ["answers a page of a proxy", { kind: "text", text: "<html>busy</html>" }, /^malformed$/],
  ["answers half a document", { kind: "text", text: '{"Events":[{"EventId"' }, /^malformed$/],
  ["is silent", { kind: "silence" }, /^timed-out$/],
];

it.each(
  awsSources.flatMap((source) => faults.map((each) => [source.kind, ...each, source] as const)),
)(
  "fails, and is never empty: %s, when AWS %s",
  async (_kind, _what, reply, reason, definition) => {
    await using aws = await awsDouble(() => reply);
    const { source, asked } = await openAwsSource(definition, aws.endpoint, window);
    const timeMs = reply.kind === "silence" ? 300 : 20_000;
    const outcomes = await Promise.all(
      source.answers.map(async (kind): Promise<readonly [QueryKind, string, string]> => {
        const context = { ...freeContext(), deadline: systemClock.now() + timeMs };
        const outcome = await source.run(asked(kind), window, context);
        return [kind, outcome.kind, outcome.kind === "failed" ? outcome.reason : ""];
      }),
    );
    await source.close();
    expect(outcomes.filter(([, kind, why]) => kind !== "failed" || !reason.test(why))).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(0);
  },
  30_000,
);
