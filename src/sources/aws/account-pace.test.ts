import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { freeContext } from "../testing/ask.ts";
import { awaitTurn, placeOf } from "./account-pace.ts";
import { withCalls } from "./answer.ts";
import { awsSettings } from "./client.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

let endpoints = 0;
const settingsOf = (more: object = {}) =>
  awsSettings.parse({ region: "eu-west-1", endpoint: `http://pace-${endpoints}`, ...more });
const never = new AbortController().signal;

/** Milliseconds after which each of some calls may be made. */
async function turns(
  count: number,
  place = placeOf(settingsOf()),
  action = "cloudtrail:LookupEvents",
) {
  const began = Date.now();
  const all = Promise.all(
    Array.from({ length: count }, async () => {
      await awaitTurn(place, action, never);
      return Date.now() - began;
    }),
  );
  await vi.runAllTimersAsync();
  return all;
}

it("calls no more often in a second than an account may", async () => {
  endpoints += 1;
  expect(await turns(5)).toEqual([0, 0, 500, 1_000, 1_500]);
});

it("shares the pace among the sources of an account and region, and with no others", async () => {
  endpoints += 1;
  const role = (account: string) => `arn:aws:iam::${account}:role/reader`;
  const here = placeOf(settingsOf({ roleArn: role("111111111111") }));
  const same = placeOf(settingsOf({ roleArn: `${role("111111111111")}-2`, services: { a: "b" } }));
  const other = placeOf(settingsOf({ roleArn: role("222222222222") }));
  const south = placeOf(settingsOf({ roleArn: role("111111111111"), region: "sa-east-1" }));
  expect(await turns(2, here)).toEqual([0, 0]);
  expect(await turns(1, other)).toEqual([0]);
  expect(await turns(1, south)).toEqual([0]);
  expect(await turns(1, same)).toEqual([500]);
});

it("lets each action have its own pace", async () => {
  endpoints += 1;
  expect(await turns(6, undefined, "logs:StartQuery")).toEqual([0, 0, 0, 0, 0, 200]);
  expect(await turns(25, undefined, "cloudwatch:GetMetricData")).toEqual(Array(25).fill(0));
});

it("lets a call wait by as much of a quota as it takes up", async () => {
  endpoints += 1;
  const place = placeOf(settingsOf());
  const waited = async (points: number) => {
    const began = Date.now();
    const turn = awaitTurn(place, "cloudwatch:GetMetricData points", never, points);
    await vi.runAllTimersAsync();
    await turn;
    return Date.now() - began;
  };
  expect(await waited(90_000)).toBe(0);
  expect(await waited(90_000)).toBe(0);
  expect(await waited(90_000)).toBe(500);
});

it("waits no longer than there is somebody to answer", async () => {
  endpoints += 1;
  const asker = new AbortController();
  const context = { ...freeContext(), signal: asker.signal };
  let sent = 0;
  const read = withCalls(placeOf(settingsOf()), context, async (calls) => {
    for (;;) await calls.call("cloudtrail:LookupEvents", async () => ++sent);
  });
  const failed = expect(read).rejects.toMatchObject({ reason: "cancelled" });
  await vi.advanceTimersByTimeAsync(1_200);
  asker.abort();
  await failed;
  expect(sent).toBe(4);
});
