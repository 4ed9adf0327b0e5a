import { expect, it } from "vitest";
import { madePoints, madeSeries } from "../testing/made-series.ts";
import { redSignals } from "./red-signals.ts";

const formOf = (metric: string, values: (i: number) => number) =>
  redSignals([madeSeries("shop", metric, madePoints(30, values))]).get("shop")?.errors?.form;

it.each([
  ["error_rate", (i: number) => 0.004 + i / 100, "bad-share"],
  ["http.errorRate", (i: number) => 0.4 + i, "bad-percent"],
  ["error_ratio", (i: number) => i / 100, "bad-share"],
  ["error_rate", (i: number) => i, "count"],
  ["errors", (i: number) => i / 10, "count"],
  ["success_rate", (i: number) => 1 - i / 100, "good-share"],
] as const)("reads %s as engineers mean it", (metric, values, form) => {
  expect(formOf(metric, values)).toBe(form);
});
