import { describe, expect, it } from "vitest";
import { Ledger } from "./ledger.ts";
import { diagnosisOf, finding, hypothesis } from "./testing/session.ts";

describe("the ledger", () => {
  it("keeps causes that a later ranking dropped, as refuted", () => {
    const ledger = new Ledger();
    ledger.rank(diagnosisOf(hypothesis("service:a"), hypothesis("service:b")));
    const moves = ledger.rank(diagnosisOf(hypothesis("service:b", { confidence: 0.9 })));
    expect(moves.map((move) => [move.hypothesis.key, move.to])).toEqual([
      ["service:b", "supported"],
      ["service:a", "refuted"],
    ]);
    expect(ledger.entries).toHaveLength(2);
  });

  it("reports a hypothesis only when it moves", () => {
    const ledger = new Ledger();
    const ranking = diagnosisOf(hypothesis("service:a", { confidence: 0.8 }));
    expect(ledger.rank(ranking)).toHaveLength(1);
    expect(ledger.rank(ranking)).toHaveLength(0);
  });

  it("refutes what more findings contradict than support", () => {
    const ledger = new Ledger();
    const weak = hypothesis("service:a", { supporting: ["x"], contradicting: ["y", "z"] });
    expect(ledger.rank(diagnosisOf(weak))[0]?.to).toBe("refuted");
  });

  it("gives ids by key and leaves unknown keys out", () => {
    const ledger = new Ledger();
    ledger.add([finding("a"), finding("b")], 1);
    expect(ledger.idsOf(["b", "nobody", "a"])).toEqual(["E2", "E1"]);
  });

  it("lets a later, better informed finding replace the earlier one under its id", () => {
    const ledger = new Ledger();
    ledger.add([finding("a", { statement: "some requests fail" })], 1);
    const { added } = ledger.add([finding("a", { statement: "40 % of requests fail" })], 2);
    expect(added).toHaveLength(1);
    expect(ledger.evidence.map(({ id, statement }) => `${id} ${statement}`)).toEqual([
      "E1 40 % of requests fail",
    ]);
  });

  it("counts the same gap once", () => {
    const ledger = new Ledger();
    const gap = { what: "logs", why: "denied", effect: "unknown" };
    expect(ledger.addGaps([gap])).toHaveLength(1);
    expect(ledger.addGaps([gap])).toHaveLength(0);
  });
});
