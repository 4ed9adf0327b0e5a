import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SampledSpan } from "../../core/rows.ts";
import { observed, sampledSpan as span } from "../testing/observed.ts";
import { criticalFindings } from "./critical-findings.ts";
import { criticalPath, criticalPaths } from "./critical-path.ts";

const sumOf = (parts: readonly { ms: number }[]) => parts.reduce((sum, part) => sum + part.ms, 0);

/** What each service holds of the path. */
function held(spans: readonly SampledSpan[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { service, ms } of criticalPath(spans)) found[service] = (found[service] ?? 0) + ms;
  return found;
}

describe("the critical path of a trace", () => {
  it("goes along the child that ended last, and leaves out what ran beside it", () => {
    const spans = [
      span("root", null, 0, 100, "web"),
      span("fast", "root", 10, 20, "cache"),
      span("slow", "root", 10, 70, "shop"),
      span("query", "slow", 20, 50, "store"),
    ];
    expect(held(spans)).toEqual({ web: 30, shop: 20, store: 50 });
    expect(criticalPath(spans).find((part) => part.service === "store")?.caller).toBe("shop");
  });

  it("counts children one after another, each in full", () => {
    const spans = [
      span("root", null, 0, 100, "web"),
      span("first", "root", 0, 40, "shop"),
      span("second", "root", 50, 50, "pay"),
    ];
    expect(held(spans)).toEqual({ web: 10, shop: 40, pay: 50 });
  });

  it("always adds up to the duration of the root, for any tree", () => {
    const node = fc.record({ parent: fc.nat(20), start: fc.nat(150), duration: fc.nat(150) });
    fc.assert(
      fc.property(fc.array(node, { maxLength: 20 }), (nodes) => {
        const spans = [
          span("root", null, 0, 100, "web"),
          ...nodes.map(({ parent, start, duration }, i) =>
            span(`s${i}`, parent < i ? `s${parent}` : "root", start, duration, `svc${i}`),
          ),
        ];
        const parts = criticalPath(spans, spans[0]);
        expect(sumOf(parts)).toBeCloseTo(100, 6);
        expect(parts.every((part) => part.ms > 0)).toBe(true);
      }),
    );
  });

  it("ends, and adds up, where spans call one another in a circle", () => {
    const spans = [
      span("root", null, 0, 100, "web"),
      span("a", "b", 10, 50, "a"),
      span("b", "a", 10, 50, "b"),
    ];
    expect(sumOf(criticalPath(spans, spans[0]))).toBe(100);
  });
});

/** Requests of one entry; `store` takes as long as said, `side` runs beside it. */
function requests(period: SampledSpan["period"], count: number, storeMs: number): SampledSpan[] {
  return Array.from({ length: count }, (_, i) => {
    const trace = `${period}${i}`;
    const made = (...args: Parameters<typeof span>) => ({ ...span(...args), trace, period });
    return [
      made(`${trace}r`, null, 0, storeMs + 20 + (i % 3), "web"),
      made(`${trace}s`, `${trace}r`, 10, storeMs, "store"),
      made(`${trace}x`, `${trace}r`, 10, Math.min(9, storeMs), "side"),
    ];
  }).flat();
}

describe("critical paths before and after", () => {
  it("name the service that requests wait longer for, and by whom it is called", () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 2000 }), (slower) => {
        const sample = [...requests("baseline", 12, 10), ...requests("window", 12, 10 + slower)];
        const [first, ...others] = criticalPaths(sample)?.services ?? [];
        expect(first).toMatchObject({ service: "store", caller: "web" });
        expect(first?.excessMs).toBeCloseTo(slower, 6);
        expect(others.every((item) => item.excessMs === 0)).toBe(true);
      }),
    );
  });

  it("see nothing in another mix of requests", () => {
    const renamed = (spans: SampledSpan[], operation: string) =>
      spans.map((item) => ({ ...item, operation, trace: `${operation}${item.trace}` }));
    const long = (period: SampledSpan["period"], n: number) =>
      renamed(requests(period, n, 500), "report");
    const sample = [
      ...requests("baseline", 20, 10),
      ...long("baseline", 4),
      ...requests("window", 4, 10),
      ...long("window", 20),
    ];
    const paths = criticalPaths(sample);
    expect(paths?.services.every((item) => item.excessMs === 0)).toBe(true);
  });

  it("are not compared without requests of both periods", () => {
    expect(criticalPaths(requests("window", 20, 10))).toBeNull();
  });

  it("read as one sentence with the size of the sample", () => {
    const traceSample = [...requests("baseline", 12, 10), ...requests("window", 12, 400)];
    const findings = criticalFindings({
      critical: criticalPaths(traceSample),
      observations: observed({ traceSample }),
    });
    expect(findings.map((finding) => finding.statement)).toMatchInlineSnapshot(`
      [
        "Requests wait 400 ms for store, called by web, on their critical path, 95% of their whole time; normally 10 ms (32.3%); 24 requests sampled",
      ]
    `);
  });
});
