import { describe, expect, it } from "vitest";
import type { Alarm } from "../core/alarm.ts";
import { incidentOnset } from "./incident-onset.ts";
import { at, series } from "./testing/observed.ts";

const alarm = { service: "web", metric: "latency_p90", firedAt: at(70) } as Alarm;
const window = { from: at(30), to: at(90) };
const latency = (value: (minute: number) => number) => series("web", "latency_p90", value);

describe("incidentOnset", () => {
  it("leaves out what the alarm's signal did before the incident's time", () => {
    const blip = latency((minute) => (minute >= 35 && minute < 38 ? 40 : minute >= 60 ? 30 : 10));
    const found = incidentOnset({
      ...{ alarm, window, lastsUntil: at(60) },
      ...{ series: [blip], spanSeries: [] },
    });
    expect(found?.at ?? 0).toBeGreaterThanOrEqual(at(60));
  });

  it("takes no blip of a noisy signal for the incident", () => {
    const noisy = latency((minute) => 10 + ((minute * 7919) % 13));
    expect(incidentOnset({ alarm, window, series: [noisy], spanSeries: [] })).toBeNull();
  });

  it("asks the resources when no request shows anything", () => {
    const quiet = latency(() => 10);
    const disk = series("store", "diskio", (minute) => (minute >= 60 ? 9e6 : 3e5));
    const found = incidentOnset({
      ...{ alarm: { ...alarm, service: null, metric: null }, window },
      ...{ series: [quiet, disk], spanSeries: [] },
    });
    expect(found).toMatchObject({ at: at(60), series: { service: "store" } });
  });
});
