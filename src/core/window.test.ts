import { expect, it } from "vitest";
import { timeOf, toIso, windowSchema } from "./window.ts";

it.each([
  "2026-03-01T12:30:00Z",
  "2026-03-01T21:30:00+09:00",
  "2026-03-01T12:30:00",
  "2026-03-01 12:30:00.000",
  "2026-03-01 12:30",
  "1772368200",
  1_772_368_200,
  1_772_368_200_000,
  1_772_368_200_000_000_000,
  "1772368200000000000",
])("reads %s as the same moment, whatever the zone of the machine", (value) => {
  expect(toIso(timeOf(value))).toBe("2026-03-01T12:30:00Z");
});

it.each(["", "soon", "12:30", "2026-03-01T25:00"])("takes %j for no time", (value) => {
  expect(timeOf(value)).toBeNaN();
});

it("refuses a window that ends before it begins, and names a value that is no time", () => {
  const faultOf = (from: string, to: string) =>
    windowSchema.safeParse({ from, to }).error?.issues.map((issue) => issue.message);
  expect(faultOf("2026-03-02", "2026-03-01")).toEqual(["`from` must be before `to`"]);
  expect(faultOf("soon", "2026-03-01")).toEqual(['"soon" is not an ISO 8601 time']);
});
