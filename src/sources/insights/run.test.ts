import { afterEach, expect, it } from "vitest";
import { insightsTime } from "./run.ts";

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

it.each(["America/New_York", "Asia/Tokyo", "UTC"])(
  "reads the times of Logs Insights as UTC, also in %s",
  (name) => {
    process.env.TZ = name;
    expect(new Date(2026, 2, 1).getTimezoneOffset() === 0).toBe(name === "UTC");
    expect(insightsTime("2026-03-01 10:00:00.500")).toBe(Date.UTC(2026, 2, 1, 10, 0, 0, 500));
  },
);
