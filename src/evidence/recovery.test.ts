import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Alarm } from "../core/alarm.ts";
import { incidentOnset } from "./incident-onset.ts";
import { recoveredAt } from "./recovery.ts";
import { at, observed, series } from "./testing/observed.ts";

const alarm: Alarm = {
  ...{ fingerprint: "a", sender: "test", name: "errors", service: "web", resource: null },
  ...{ metric: "error_ratio", threshold: null, observed: null, severity: null, state: "firing" },
  ...{ firedAt: at(66), summary: "", labels: {}, link: null, raw: null },
};
const { window } = observed();

/** What is concluded of a signal that is bad in some minutes. */
function recovery(isBad: (minute: number) => boolean) {
  const own = series("web", "error_ratio", (i) => (isBad(i) ? 0.6 : 0.01), "ratio");
  const onset = incidentOnset({ alarm, window, series: [own], spanSeries: [] });
  return onset ? recoveredAt(onset, window) : "no onset";
}

describe("recovery", () => {
  it("is when the alarm's signal came back and stayed, whenever that was", () => {
    fc.assert(
      fc.property(fc.integer({ min: 68, max: 82 }), (end) => {
        expect(recovery((i) => i >= 64 && i < end)).toBe(at(end));
      }),
    );
  });

  it("is not seen while the incident lasts, nor when it ended only just now", () => {
    expect(recovery((i) => i >= 64)).toBeNull();
    expect(recovery((i) => i >= 64 && i < 88)).toBeNull();
  });

  it("is not a pause before it comes back", () => {
    expect(recovery((i) => (i >= 62 && i < 74) || i === 84)).toBeNull();
  });
});
