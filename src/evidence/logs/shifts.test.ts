import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DurationStats, LogPattern, OperationStats } from "../../core/rows.ts";
import { observed } from "../testing/observed.ts";
import { logFinding } from "./findings.ts";
import { logShifts } from "./shifts.ts";

const window = { from: 3_600_000, to: 5_400_000 };
const baseline = { from: 0, to: 3_600_000 };

function line(text: string, windowCount: number, baselineCount: number, severity = "info") {
  const times = { firstAt: window.from, lastAt: window.to };
  const operation = "Orders.create";
  return {
    ...{ service: "orders", pattern: text, severity, operation, windowCount, baselineCount },
    ...times,
    example: text,
    traceId: null,
  } satisfies LogPattern;
}

function calls(now: number, usual: number): OperationStats[] {
  const stats = (count: number): DurationStats => ({
    ...{ count, errors: 0, errorOrigins: 0, meanMs: 10, p50Ms: 10, p95Ms: 20 },
    ...{ selfMeanMs: 5, selfP50Ms: 5, selfP95Ms: 9 },
  });
  const names = { service: "orders", operation: "Orders.create", spanKind: "server" };
  return [{ ...names, window: stats(now), baseline: stats(usual) }];
}

const compare = (patterns: LogPattern[], operations: OperationStats[] = []) =>
  logShifts({ patterns, operations, window, baseline });

describe("logShifts", () => {
  it("takes traffic for what it is: counts that follow the calls say nothing", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 500 }),
        fc.double({ min: 0.2, max: 8 }),
        (n, factor) => {
          const now = Math.max(1, Math.round(n * factor));
          const shifts = compare([line("order accepted", now, n)], calls(now, n));
          expect(shifts).toEqual([]);
        },
      ),
    );
  });

  it("takes a change of sampling for none: untraced lines are counted with the traced ones", () => {
    const untraced = { ...line("order placed", 80, 240), operation: null };
    const shifts = compare([line("order placed", 120, 160), untraced], calls(120, 160));
    expect(shifts).toEqual([]);
  });

  it("finds a line that ceased although the calls went on", () => {
    const [shift] = compare([line("stock reserved", 0, 40)], calls(30, 40));
    expect(shift).toMatchObject({ kind: "vanished", rate: 0, usualRate: 1, per: "call" });
    expect(shift?.deviations).toBeLessThan(-5);
    expect(shift?.weight).toBeGreaterThan(0.4);
  });

  it("finds a new error, and ranks it above a new ordinary line", () => {
    const shifts = compare(
      [line("declined by bank", 25, 0, "error"), line("using plan B", 25, 0)],
      calls(30, 40),
    );
    expect(shifts.map((shift) => [shift.kind, shift.pattern.severity])).toEqual([
      ["new", "error"],
      ["new", "info"],
    ]);
  });

  it("notices a line that no longer follows the one it always followed", () => {
    const shifts = compare(
      [line("looked up the tax rate", 60, 30), line("added the tax amount", 24, 30)],
      calls(40, 40),
    );
    expect(shifts[0]).toMatchObject({ kind: "less", per: "line", rate: 0.4, usualRate: 1 });
    expect(shifts[0]?.pattern.pattern).toBe("added the tax amount");
  });

  it("judges by time where no spans tell of calls, with an interval for the ratio", () => {
    const pattern = { ...line("pool exhausted", 60, 20, "warn"), operation: null };
    const [shift] = compare([pattern]);
    expect(shift).toMatchObject({ kind: "more", per: "hour", ratio: 6 });
    expect(shift?.ratioInterval[0]).toBeGreaterThan(3);
    expect(shift?.ratioInterval[1]).toBeLessThan(11);
  });

  it("counts a path that works again for little where errors of normal time stopped", () => {
    const shifts = compare(
      [line("upload failed", 0, 20, "error"), line("upload stored", 20, 0)],
      calls(20, 20),
    );
    expect(Math.max(...shifts.map((shift) => shift.weight))).toBeLessThan(0.25);
  });

  it("takes the variants of one statement together, so that other data is no change", () => {
    const city = (name: string, now: number, usual: number) =>
      line(`search trips from ${name}`, now, usual);
    const variants = [city("Nanjing", 30, 0), city("Suzhou", 0, 30), city("Wuxi", 10, 10)];
    expect(compare(variants, calls(40, 40))).toEqual([]);
  });

  it("finds new errors however many there are: what never came before is no scatter", () => {
    const errors = Array.from({ length: 15 }, (_, i) => line(`failed ${i}`, 200, 0, "error"));
    const usual = Array.from({ length: 12 }, (_, i) => line(`list ${i}`, 100 + i, 200 + i));
    const shifts = compare([...errors, ...usual]);
    expect(shifts.filter(({ kind }) => kind === "new")).toHaveLength(15);
  });

  it("lets DEBUG lines say nothing", () => {
    expect(compare([line("cache key computed", 500, 0, "debug")], calls(30, 40))).toEqual([]);
  });

  it("says against what a line is counted: a companion line is no hour", () => {
    const patterns = [line("order read", 100, 100), line("order kept", 8, 100)];
    const [first] = compare(patterns);
    if (!first) throw new Error("nothing was found");
    expect(first.per).toBe("line");
    expect(logFinding(first, observed()).statement).toMatchInlineSnapshot(
      `"orders logs a line only 0.08 per companion line instead of 1 per companion line: “order kept”"`,
    );
  });
});
