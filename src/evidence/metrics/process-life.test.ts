import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LogPattern } from "../../core/rows.ts";
import { ownWork } from "../causes/own-work.ts";
import { at, errorLog, observed, series } from "../testing/observed.ts";
import { lifeFinding, processLives } from "./process-life.ts";

const memory = (value: (minute: number) => number) =>
  series("catalog", "process_memory_usage", value, "bytes");
const started = (count: number, baselineCount = 0): LogPattern => ({
  ...errorLog("catalog", "catalog 4.1 started", 62, count),
  ...{ severity: "INFO", baselineCount },
});
const climbing = (from: number, slope: number) => (i: number) =>
  i < from ? 100e6 : 100e6 + (i - from) * slope;

describe("processes that do not last", () => {
  it("leak when memory climbs far above normal time, whatever its slope", () => {
    fc.assert(
      fc.property(fc.integer({ min: 45, max: 62 }), fc.integer({ min: 6, max: 90 }), (from, mb) => {
        const seen = observed({ series: [memory(climbing(from, mb * 1e6))] });
        expect(processLives(seen)).toMatchObject([{ service: "catalog", kind: "leak" }]);
      }),
    );
  });

  it("do not leak when memory is level, steps once, or warms up a little", () => {
    const level = [() => 100e6, (i: number) => (i < 60 ? 100e6 : 260e6), climbing(60, 1e6)];
    for (const value of level) {
      expect(processLives(observed({ series: [memory(value)] }))).toEqual([]);
    }
  });

  it("crash when they start again and again without growing", () => {
    const lives = processLives(observed({ logPatterns: [started(4)] }));
    expect(lives).toMatchObject([{ kind: "crash", restarts: 4, growth: null }]);
    expect(processLives(observed({ logPatterns: [started(1)] }))).toEqual([]);
    expect(processLives(observed({ logPatterns: [started(4, 3)] }))).toEqual([]);
  });

  it("are counted by uptime and restart counters as well", () => {
    const uptime = series("web", "process_uptime_seconds", (i) => (i % 10) * 60 + 5, "s");
    const counter = series("job", "container_restarts", (i) => (i < 60 ? 2 : 2 + (i - 60) / 5));
    const lives = processLives(observed({ series: [uptime, counter] }));
    expect(lives.map(({ service, kind }) => `${service} ${kind}`).sort()).toEqual([
      "job crash",
      "web crash",
    ]);
  });

  it("are told in one sentence with the restarts and the growth", () => {
    const sawtooth = (i: number) => (i < 60 ? 100e6 : 100e6 + ((i - 60) % 15) * 20e6);
    const seen = observed({ series: [memory(sawtooth)], logPatterns: [started(3)] });
    const [life] = processLives(seen);
    expect(life && lifeFinding(life, seen).statement).toMatchInlineSnapshot(
      `"catalog: memory grows (process_memory_usage from 102 MB to 371 MB since 11:00) until the process ends; it started anew 3 times"`,
    );
  });
});

describe("work that a service began by itself", () => {
  const job = (parts: Partial<LogPattern> = {}): LogPattern => ({
    ...errorLog("inventory", "stock reconciliation started", 59, 1),
    ...{ severity: "INFO", ...parts },
  });

  it("is a line about a job that normal time does not have, around the onset", () => {
    const found = ownWork(observed({ logPatterns: [job()] }), at(60));
    expect(found).toMatchObject([{ service: "inventory", at: at(59) }]);
  });

  it("is no line of every request, of normal time, or of long before", () => {
    const others = [job({ windowCount: 40 }), job({ baselineCount: 1 }), job({ firstAt: at(30) })];
    for (const pattern of others) {
      expect(ownWork(observed({ logPatterns: [pattern] }), at(60))).toEqual([]);
    }
  });
});
