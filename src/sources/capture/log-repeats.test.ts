import { describe, expect, it } from "vitest";
import type { Outcome } from "../../core/outcome.ts";
import { readLogPatterns } from "../../core/row-readers.ts";
import { toIso } from "../../core/window.ts";
import { askCapture, complaintsOf } from "../testing/ask.ts";
import { captureFolder, jsonLines, madeBaseline, minute } from "../testing/capture-folder.ts";
import { deliveredAgain } from "./log-repeats.ts";

/** Two sorts of line a second, each with a number of its own, from one minute before the window. */
const lines = Array.from({ length: 600 }, (_, at) => ({
  timestamp: toIso(minute(-1) + at * 500 + 7),
  service: "cart",
  severity: "INFO",
  body: at % 2 === 0 ? `stored basket ${at}` : `priced ${at} items`,
}));

async function counted(delivered: readonly object[]) {
  using made = captureFolder({ "logs.jsonl": jsonLines(delivered) }, {});
  const query = { kind: "log-patterns", baseline: madeBaseline } as const;
  const outcome: Outcome = await askCapture(made.folder, query);
  const rows = outcome.kind === "data" ? readLogPatterns(outcome.frame) : [];
  const counts = rows.map((row) => [row.pattern, row.windowCount, row.baselineCount] as const);
  return { counts: counts.sort(), complaints: complaintsOf(outcome) };
}

describe("log lines that come again", () => {
  it.each([
    ["all of them", lines],
    ["those of the window", lines.slice(120)],
    ["some of its end", lines.slice(500).filter((_, at) => at % 3 !== 0)],
  ])("count once: %s", async (_, again) => {
    const once = await counted(lines);
    const more = await counted([...lines, ...again]);
    expect(more.counts).toEqual(once.counts);
    expect(once.complaints).toEqual([]);
    expect(more.complaints.join()).toContain(`about ${again.length} were delivered again`);
  });

  it("are no repeats where one sort of line is written by a loop", async () => {
    const loop = lines.slice(300).flatMap((line) => {
      const same = { ...line, body: "asked for one more row" };
      return [same, same, same];
    });
    const { counts, complaints } = await counted([...lines, ...loop]);
    expect(counts).toContainEqual(["asked for one more row", 900, 0]);
    expect(complaints).toEqual([]);
  });

  it("are no repeats where their times are whole seconds and no trace tells them apart", async () => {
    const coarse = lines.map((line, at) => ({
      ...line,
      timestamp: toIso(minute(0) + Math.floor(at / 20) * 1000),
      body: at % 2 === 0 ? "basket stored" : "items priced",
    }));
    expect((await counted(coarse)).counts).toEqual([
      ["basket stored", 300, 0],
      ["items priced", 300, 0],
    ]);
  });

  it("are no repeats where jobs of one batch differ in their attributes", async () => {
    const jobs = lines.flatMap((line) =>
      [1, 2, 3].map((job) => ({
        ...line,
        body: line.body.replace(/\d+/, "one"),
        attributes: { job },
      })),
    );
    const { counts } = await counted(jobs);
    expect(counts.map(([, now, before]) => now + before)).toEqual([900, 900]);
  });
});

describe("deliveredAgain", () => {
  const group = (service: string, count: number, again: number) => ({
    service,
    period: 1,
    lines: count,
    again,
    lengthMs: 300_000,
  });

  it("finds the one service whose shipper delivered twice", () => {
    const groups = ["a", "b", "c", "d"].flatMap((service) => {
      const again = service === "a" ? 50 : 0;
      return [group(service, 100, again), group(service, 100, again)];
    });
    expect(deliveredAgain(groups)).toEqual([50, 50, 0, 0, 0, 0, 0, 0]);
  });

  it("takes so many lines that some must meet in one millisecond for what they are", () => {
    // 60,000 lines in 300,000 ms: 6,000 of them follow another in the same one.
    const busy = [group("a", 60_000, 6_000), group("a", 60_000, 6_100)];
    expect(deliveredAgain(busy)).toEqual([0, 0]);
  });
});
