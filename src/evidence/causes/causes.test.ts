import { describe, expect, it } from "vitest";
import { type Causes, externalHypotheses } from "./causes.ts";

/** Names cannot be resolved, which mail says most, while cart leads. */
const causes = {
  ...{ order: [{ service: "cart", score: 2 }], changes: [], works: [], symptoms: { texts: [] } },
  externals: [
    {
      ...{ key: "external:dns", causeKind: "network", service: "mail", subject: null },
      ...{ mechanism: "names could not be resolved", strength: 0.9, veto: 0, findings: [] },
    },
  ],
} as unknown as Causes;
const sureness = (entry: readonly string[]) => externalHypotheses(causes, [], entry)[0]?.confidence;

describe("externalHypotheses", () => {
  it("leaves open where a cause from outside is when it bites others than who leads", () => {
    expect(sureness(["web"])).toBe(0.6);
  });

  it("trusts the service that the alarm is about", () => {
    expect(sureness(["cart"])).toBeCloseTo(0.81);
  });
});
