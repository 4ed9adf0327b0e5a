import { describe, expect, it } from "vitest";
import type { Report } from "../core/report.ts";
import { buildReport } from "./build.ts";
import { similarTo } from "./similar.ts";
import * as inputs from "./testing/inputs.ts";

const report = buildReport(inputs.confirmed);
const past = (incident: string, more: Partial<Report> = {}) => ({
  incident,
  report: { ...report, id: incident, ...more },
});
const elsewhere = {
  title: "another alarm",
  blastRadius: [],
  evidence: [],
  rootCauses: report.rootCauses.map((cause) => ({
    ...cause,
    service: "mailer",
    causeKind: "node",
  })),
};

describe("incidents seen before", () => {
  it("are alike by alarm, cause, victims and lines, most alike first, and say what was advised", () => {
    const found = similarTo(report, [
      past("inc_far", elsewhere),
      past("inc_same"),
      past("inc_near", { ...elsewhere, title: report.title, rootCauses: report.rootCauses }),
    ]);
    expect(found.map(({ incident }) => incident)).toEqual(["inc_same", "inc_near"]);
    expect(found[0]?.score).toBeGreaterThan(found[1]?.score ?? 1);
    expect(found.map(({ why }) => why)).toMatchInlineSnapshot(`
      [
        "the same alarm; checkout was the cause then too; the same kind of cause; the same failing log lines; advised then: roll back",
        "the same alarm; checkout was the cause then too; the same kind of cause; advised then: roll back",
      ]
    `);
  });

  it("are never the incident itself, and at most three", () => {
    expect(similarTo(report, [past(report.id)])).toEqual([]);
    expect(
      similarTo(
        report,
        ["a", "b", "c", "d"].map((id) => past(id)),
      ),
    ).toHaveLength(3);
  });

  it("say so in the reader's language", () => {
    const [found] = similarTo({ ...report, language: "ja" }, [past("inc_same")]);
    expect(found?.why).toMatch(/^同じアラーム、原因のサービスも同じ/);
  });

  it("know a false alarm that was one before", () => {
    const healthy = buildReport(inputs.healthy);
    const [found] = similarTo(healthy, [
      { incident: "inc_1", report: { ...healthy, id: "inc_1" } },
    ]);
    expect(found?.why).toContain("nothing was wrong then either");
  });
});
