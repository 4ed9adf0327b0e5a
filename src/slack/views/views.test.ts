import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockLimits } from "../blocks/block-limits.ts";
import { countChars } from "../blocks/count-chars.ts";
import type { Surface } from "../blocks/types.ts";
import { validate } from "../blocks/validate.ts";
import { hostileTexts } from "../testing/hostile-text.ts";
import { sampleAlarm, sampleCase, sampleIncident, sampleRunbook } from "../testing/sample-case.ts";
import { sampleStart } from "../testing/sample-evidence.ts";
import { inconclusiveReport, sampleReport } from "../testing/sample-report.ts";
import { allViews, hostileCase } from "../testing/view-gallery.ts";

const languages = ["en", "ja"] as const;

/** Values are opaque to people, and `rich_text_preformatted` is shown letter by letter. */
function onlyShown(key: string, item: unknown): unknown {
  if (key === "value" || key === "private_metadata") return undefined;
  const isCode = typeof item === "object" && item !== null && "type" in item;
  return isCode && item.type === "rich_text_preformatted" ? undefined : item;
}

describe("what people see", () => {
  for (const language of languages) {
    for (const [name, view] of Object.entries(allViews(language))) {
      it(`looks like its golden: ${name} (${language})`, async () => {
        const text = `${JSON.stringify(view, null, 2)}\n`;
        await expect(text).toMatchFileSnapshot(`./__fixtures__/${name}.${language}.json`);
      });

      it(`is accepted by Slack: ${name} (${language})`, () => {
        const surface: Surface =
          "type" in view ? (view.type === "home" ? "home" : "modal") : "message";
        expect(validate(view.blocks, surface)).toEqual([]);
      });
    }
  }

  it("is accepted, inert and within its budget whatever telemetry says", () => {
    const anyText = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(anyText, fc.constantFrom(...languages), (text, language) => {
        for (const [name, view] of Object.entries(
          allViews(language, hostileCase(text, language)),
        )) {
          const surface: Surface =
            "type" in view ? (view.type === "home" ? "home" : "modal") : "message";
          expect(validate(view.blocks, surface), name).toEqual([]);
          const wire = JSON.stringify(view, onlyShown).replace(/<!date\^[^>]*>/g, "");
          expect(wire, name).not.toMatch(/<!|@channel|@here|@everyone|\u202e|\u200b/);
          expect(wire, name).not.toMatch(/<https?:[^>]*evil|\]\(https?:/);
          if (surface === "message") {
            expect(countChars(view.blocks)).toBeLessThanOrEqual(blockLimits.totalChars);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("says P? until the priority is known, and the override once a person set it", () => {
    const fresh = sampleCase({
      report: null,
      incident: sampleIncident({ state: "investigating" }),
    });
    expect(JSON.stringify(allViews("en", fresh).headline)).toContain("⚪ P?");
    const override = {
      level: "P0" as const,
      by: "U0ANA0001",
      at: new Date(sampleStart).toISOString(),
      reason: "the board is watching",
    };
    const overridden = sampleCase({ incident: sampleIncident({ override }) });
    const report = JSON.stringify(allViews("en", overridden).report);
    expect(report).toContain("🔴 P0");
    expect(report).toContain("set by <@U0ANA0001>: the board is watching");
  });

  it("counts alarms instead of repeating them, and says when it is over", () => {
    const alarm = { ...sampleAlarm() };
    const incident = sampleIncident({
      resolvedAt: sampleStart + 3_600_000,
      alarms: [{ alarm, count: 12, firstAt: alarm.firedAt, lastAt: alarm.firedAt, reasons: [] }],
    });
    const text = JSON.stringify(allViews("en", sampleCase({ incident })).headline);
    expect(text).toContain("fired 12 times");
    expect(text).toContain("Recovered");
    expect(text).not.toContain("shodo.acknowledge");
  });

  it("never looks certain when the report is not", () => {
    const view = allViews("en", sampleCase({ report: inconclusiveReport() })).report;
    const text = JSON.stringify(view);
    expect(text).toContain("Cause not confirmed");
    expect(text).toContain("Possible causes, best first");
    expect(text).toContain("What to check by hand");
    expect(text).not.toContain("Cause confirmed");
  });

  it("offers the runbook's action exactly as written", () => {
    const command = sampleRunbook.actions[0]?.command ?? "?";
    expect(JSON.stringify(allViews("en").runbookModal)).toContain(command);
  });

  it("keeps what matters when a report is far too long", () => {
    const long = sampleReport({
      summary: "s".repeat(3_000),
      timeline: Array.from({ length: 400 }, (_, i) => ({
        at: new Date(sampleStart + i * 1_000).toISOString(),
        text: `event ${i} ${"x".repeat(300)}`,
        kind: "symptom",
        evidence: [],
      })),
    });
    const blocks = allViews("en", sampleCase({ report: long })).report?.blocks ?? [];
    const types = blocks.map((block) => block.type);
    expect(types).toContain("header");
    expect(types).toContain("actions");
    expect(JSON.stringify(blocks)).toContain("25 of 400; the rest is in the full report");
  });
});
