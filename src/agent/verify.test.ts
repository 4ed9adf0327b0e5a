import { describe, expect, it } from "vitest";
import type { Evidence } from "../core/evidence.ts";
import { diagnosisOf, finding, hypothesis } from "./testing/session.ts";
import { verify } from "./verify.ts";

const evidence = ["a", "b", "c"].map(
  (key, i): Evidence => ({ ...finding(key), id: `E${i + 1}`, step: 1 }),
);

function confidenceOf(...args: Parameters<typeof verify>): number | undefined {
  return verify(...args).diagnosis.hypotheses[0]?.confidence;
}

describe("the verify step", () => {
  it("leaves a cause that several findings support as it is", () => {
    const sure = hypothesis("service:x", { confidence: 0.9, supporting: ["a", "b"] });
    expect(confidenceOf(diagnosisOf(sure), evidence, [])).toBe(0.9);
    expect(verify(diagnosisOf(sure), evidence, []).lowered).toEqual([]);
  });

  it("never raises a confidence", () => {
    const low = hypothesis("service:x", { confidence: 0.3, supporting: ["a", "b", "c"] });
    expect(confidenceOf(diagnosisOf(low), evidence, [])).toBe(0.3);
  });

  it("lowers a cause whose findings do not exist, and ranks it below the others", () => {
    const empty = hypothesis("service:x", { confidence: 0.9, supporting: ["nowhere"] });
    const other = hypothesis("service:y", { confidence: 0.4, supporting: ["a", "b"] });
    const { diagnosis, lowered } = verify(diagnosisOf(empty, other), evidence, []);
    expect(diagnosis.hypotheses.map(({ key, confidence }) => [key, confidence])).toEqual([
      ["service:y", 0.4],
      ["service:x", 0.2],
    ]);
    expect(lowered[0]?.because).toBe("no finding supports it");
  });

  it("is not sure on one finding", () => {
    const single = hypothesis("service:x", { confidence: 0.95, supporting: ["a"] });
    expect(confidenceOf(diagnosisOf(single), evidence, [])).toBe(0.75);
  });

  it("is less sure when a signal could not be read", () => {
    const sure = hypothesis("service:x", { confidence: 0.9, supporting: ["a", "b"] });
    const gap = { what: "logs", why: "denied", effect: "", signal: "logs" as const };
    expect(confidenceOf(diagnosisOf(sure), evidence, [gap])).toBeCloseTo(0.846);
  });
});
