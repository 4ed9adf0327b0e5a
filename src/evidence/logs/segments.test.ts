import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attribute } from "../testing/observed.ts";
import { findSegments } from "./segments.ts";

const country = (parts: Parameters<typeof attribute>[0] = {}) =>
  attribute({
    ...{ service: "tax", key: "country", value: "FR", windowErrors: 40, windowCount: 40 },
    ...{ keyErrors: 40, keyCount: 400 },
    ...parts,
  });

describe("segments", () => {
  it("are the values that nearly all failures share and passing calls do not", () => {
    expect(findSegments([country()])).toEqual([
      {
        service: "tax",
        key: "country",
        value: "FR",
        isRecord: false,
        failures: 40,
        allFailures: 40,
        failingShare: 1,
        passing: 360,
      },
    ]);
  });

  it("hold for no value that fails half the time, has half the failures, or is all the traffic", () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 500 }), (errors) => {
        const others = [
          country({ windowErrors: errors, windowCount: errors * 2, keyErrors: errors }),
          country({
            windowErrors: errors,
            windowCount: errors,
            keyErrors: errors * 2,
            keyCount: 9e3,
          }),
          country({
            windowErrors: errors,
            windowCount: errors,
            keyErrors: errors,
            keyCount: errors,
          }),
        ];
        expect(findSegments(others)).toEqual([]);
      }),
    );
  });

  it("are one record after few failures, where nearly all of its calls fail", () => {
    const record = { key: "order.id", value: "81", windowErrors: 3, keyErrors: 3 };
    expect(findSegments([country({ ...record, windowCount: 3 })])[0]?.isRecord).toBe(true);
    expect(findSegments([country({ ...record, windowCount: 4 })])).toEqual([]);
    const other = { ...record, key: "plan", windowCount: 3 };
    expect(findSegments([country(other)])).toEqual([]);
  });

  it("never take how a call ended or where it ran for what was called", () => {
    const keys = ["http.status_code", "exception.type", "host.name", "k8s.pod.name", "trace.id"];
    expect(findSegments(keys.map((key) => country({ key })))).toEqual([]);
  });
});
