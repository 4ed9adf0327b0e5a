import fc from "fast-check";
import { expect, it } from "vitest";
import { confidenceOf } from "./confidence.ts";

const share = fc.double({ min: 0, max: 1, noNaN: true });

it("grows with the score and with the lead, and is never certain", () => {
  fc.assert(
    fc.property(share, share, fc.double({ min: 0, max: 0.3, noNaN: true }), (score, next, more) => {
      const now = confidenceOf(score, next);
      expect(confidenceOf(Math.min(1, score + more), next)).toBeGreaterThanOrEqual(now);
      expect(confidenceOf(score, Math.min(1, next + more))).toBeLessThanOrEqual(now);
      expect(now).toBeGreaterThan(0);
      expect(now).toBeLessThanOrEqual(0.97);
    }),
  );
});

it("is not confident about a close race on thin evidence", () => {
  expect(confidenceOf(0.3, 0.2)).toBeLessThan(0.6);
  expect(confidenceOf(0.8, 0.75)).toBeLessThan(0.85);
  expect(confidenceOf(0.9, 0.2)).toBeGreaterThan(0.9);
});
