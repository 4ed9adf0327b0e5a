import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EdgeStats, OperationStats, SampledSpan } from "../../core/rows.ts";
import { observed, sampledSpan } from "../testing/observed.ts";
import { amplificationFinding, findAmplification, strengthOf } from "./amplification.ts";

function edge(before: number, after: number, failing = 0): EdgeStats {
  const period = (calls: number, errors: number) => ({
    ...{ calls, errors, meanMs: 5, p50Ms: 5, p95Ms: 5 },
    ...{ gapMeanMs: 0, gapP50Ms: 0, gapP95Ms: 0 },
  });
  const window = period(after, Math.round(after * failing));
  return { caller: "web", callee: "stock", window, baseline: period(before, 0) };
}

function served(before: number, after: number): OperationStats[] {
  const stats = (count: number) => ({
    ...{ count, errors: 0, errorOrigins: 0, meanMs: 5, p50Ms: 5, p95Ms: 5 },
    ...{ selfMeanMs: 5, selfP50Ms: 5, selfP95Ms: 5 },
  });
  const work = { window: stats(after), baseline: stats(before) };
  return [{ service: "web", operation: "GET /", spanKind: "SERVER", ...work }];
}

/** Requests that each call `stock` so often. */
function requests(
  period: SampledSpan["period"],
  operation: string,
  count: number,
  calls: number,
): SampledSpan[] {
  return Array.from({ length: count }, (_, i) => {
    const trace = `${period}${operation}${i}`;
    const root = { ...sampledSpan(`${trace}r`, null, 0, 50, "web"), operation };
    const children = Array.from({ length: calls }, (_, c) =>
      sampledSpan(`${trace}c${c}`, `${trace}r`, 0, 1, "stock"),
    );
    return [root, ...children].map((item) => ({ ...item, trace, period }));
  }).flat();
}

describe("amplification", () => {
  it("is more calls per request of the caller, whatever the demand does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 40 }),
        fc.double({ min: 0.3, max: 9, noNaN: true }),
        (n, demand) => {
          const now = Math.round(100 * demand) + 20;
          const [found] = findAmplification(
            observed({ edges: [edge(100, n * now)], operations: served(100, now) }),
          );
          expect(found).toMatchObject({ caller: "web", callee: "stock", before: 1, after: n });
          const busier = observed({ edges: [edge(100, now)], operations: served(100, now) });
          expect(findAmplification(busier)).toEqual([]);
        },
      ),
    );
  });

  it("is not another mix of requests, as whole traces show", () => {
    const sample = [
      ...requests("baseline", "home", 20, 1),
      ...requests("baseline", "list", 5, 9),
      ...requests("window", "home", 5, 1),
      ...requests("window", "list", 20, 9),
    ];
    const edges = [edge(65, 185)];
    const mixed = observed({ edges, operations: served(25, 25), traceSample: sample });
    expect(findAmplification(mixed)).toEqual([]);
    const sampled = [...requests("baseline", "home", 20, 1), ...requests("window", "home", 20, 3)];
    const real = observed({ edges, operations: served(25, 25), traceSample: sampled });
    expect(findAmplification(real)).toHaveLength(1);
  });

  it("is called trying again when the repeated calls fail, and then hardly suspects the caller", () => {
    const parts = { operations: served(100, 100) };
    const plain = observed({ ...parts, edges: [edge(100, 2400)] });
    const failing = observed({ ...parts, edges: [edge(100, 400, 0.8)] });
    const [loop] = findAmplification(plain);
    const [retry] = findAmplification(failing);
    if (!loop || !retry) throw new Error("both are amplified");
    expect([loop.isRetry, retry.isRetry]).toEqual([false, true]);
    expect(strengthOf(retry)).toBeLessThan(0.2);
    expect([
      amplificationFinding(loop, plain).statement,
      amplificationFinding(retry, failing).statement,
    ]).toMatchInlineSnapshot(`
      [
        "web calls stock 24 times per request, normally 1: more work per request, not more requests",
        "web calls stock 4 times per request, normally 1, and 80% of those calls fail: it tries again, which adds load",
      ]
    `);
  });
});
