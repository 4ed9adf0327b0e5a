import { describe, expect, it } from "vitest";
import { cursorAt } from "../page.ts";
import { callFacts, connect } from "../testing/connect.ts";
import { fakeParts } from "../testing/fake-parts.ts";
import { fakeReport } from "../testing/fake-report.ts";
import { digestOf, reportPage } from "./digest.ts";

const report = fakeReport();
const [first] = report.evidence;
if (!first) throw new Error("the report of the tests has evidence");

describe("the digest of a report", () => {
  it("tells a difference within normal variation as expected, never as a loss", () => {
    const kpi = { kpi: "Revenue", expected: 9_829, actual: 9_429, lost: 400, unit: "EUR" };
    const within = { ...kpi, lostInterval: [-1_922, 2_322] as [number, number], evidence: ["E1"] };
    const beyond = { ...kpi, kpi: "Orders", lostInterval: [10, 60] as [number, number] };
    const business = [within, { ...beyond, evidence: ["E1"] }];
    const facts = digestOf({ ...report, impact: { users: "", business, slos: [] } });
    expect(facts.business_lost).toMatchObject([{ kpi: "Orders", expected: 9_830, actual: 9_430 }]);
    expect(facts.as_expected).toEqual(["Revenue"]);
  });
});

describe("the whole report", () => {
  const many = Array.from({ length: 40 }, (_, i) => ({ ...first, id: `E${i + 1}` }));

  it("comes in pages that together hold every item of evidence once, with its query", () => {
    const ids: unknown[] = [];
    let next: number | null = 0;
    while (next !== null) {
      const page = reportPage({ ...report, evidence: many }, next);
      const items = page.body.evidence as { id: string; provenance: { query: string }[] }[];
      for (const item of items) expect(item.provenance[0]?.query).toContain("SELECT");
      ids.push(...items.map((item) => item.id));
      expect("summary" in page.body).toBe(next === 0);
      next = page.next;
    }
    expect(ids).toEqual(many.map((item) => item.id));
  });

  it("is read to its end with the cursors that the tool gives out", async () => {
    const parts = fakeParts();
    const client = await connect(parts);
    const { incident } = await callFacts(client, "start_investigation", { question: "slow" });
    parts.analyst.finish(incident as string, fakeReport({ evidence: many }));
    const shown: unknown[] = [];
    let cursor: unknown;
    do {
      const asked = { incident, detail: true, ...(cursor ? { cursor } : {}) };
      const facts = await callFacts(client, "get_investigation", asked);
      shown.push((facts.report as { evidence_shown: string }).evidence_shown);
      cursor = facts.next_cursor;
    } while (cursor);
    expect(shown).toEqual(["1-15 of 40", "16-30 of 40", "31-40 of 40"]);
    for (const forged of ["bm9wZQ", cursorAt(40), cursorAt(999_999)]) {
      const bad = await callFacts(client, "get_investigation", { incident, cursor: forged });
      expect(bad.reason, forged).toBe("invalid-input");
    }
  });
});

describe("a report of work that was stopped", () => {
  it("is not to be told as a cause", async () => {
    const parts = fakeParts();
    const client = await connect(parts);
    const { incident } = await callFacts(client, "start_investigation", { question: "slow" });
    parts.analyst.finish(incident as string);
    await callFacts(client, "cancel_investigation", { incident });
    const facts = await callFacts(client, "get_investigation", { incident });
    expect(facts.next).toMatch(/^It was stopped: this is what was found until then/);
  });
});

describe("a recorded incident", () => {
  it("is called recorded wherever it is shown", async () => {
    const parts = fakeParts();
    const client = await connect(parts);
    const demo = parts.demos[0]?.name;
    const { incident } = await callFacts(client, "start_investigation", { demo });
    const said = `${demo}: recorded data, no live system`;
    const asked = { incident, wait_s: 0 };
    expect((await callFacts(client, "get_investigation", asked)).recorded_demo).toBe(said);
    const { incidents } = await callFacts(client, "list_incidents");
    expect(incidents).toMatchObject([{ recorded_demo: said }]);
  });
});
