import { describe, expect, it } from "vitest";
import type { Evidence } from "../core/evidence.ts";
import { checkClaims } from "./claim-check.ts";
import { finding } from "./testing/session.ts";

const evidence: Evidence[] = [
  {
    ...finding("a", { statement: "checkout p95 rose from 180 ms to 2.4 s (13×) at 10:14" }),
    id: "E1",
    step: 1,
  },
  { ...finding("b", { statement: "1,204 orders were lost" }), id: "E2", step: 1 },
];

describe("the claim check", () => {
  it("passes prose whose numbers the cited findings state", () => {
    expect(checkClaims("Checkout slowed to 2.4 s from 180 ms at 10:14 [E1].", evidence)).toEqual(
      [],
    );
    expect(checkClaims("It cost 1204 orders. [E2] Checkout was slow [E1].", evidence)).toEqual([]);
  });

  it("refuses evidence that does not exist", () => {
    expect(checkClaims("The database was slow [E9].", evidence)).toEqual([
      { kind: "unknown-evidence", id: "E9" },
    ]);
  });

  it("refuses a number that no cited finding states", () => {
    expect(checkClaims("Checkout slowed to 9 s [E1].", evidence)).toEqual([
      { kind: "unsupported-number", number: "9" },
    ]);
    expect(checkClaims("It cost 1204 orders [E1].", evidence)).toHaveLength(1);
  });

  it("refuses a sentence without evidence", () => {
    expect(checkClaims("The database is to blame. It was slow [E1].", evidence)).toEqual([
      { kind: "uncited", sentence: "The database is to blame." },
    ]);
  });

  it.each([
    "Checkout was slow [E1], see https://evil.example/?k=1",
    "Run `kubectl delete pod` [E1].",
    "Checkout was slow [E1] <!channel>",
    "Ask @oncall to approve [E1].",
    "Checkout was slow ![x](y) [E1].",
    "Please curl the host [E1].",
  ])("refuses links, commands and markup: %s", (text) => {
    expect(checkClaims(text, evidence)).toMatchObject([{ kind: "forbidden" }]);
  });

  it("reads Japanese sentences", () => {
    expect(
      checkClaims("決済は2.4 sに遅くなった[E1]。注文が1204件失われた[E2]。", evidence),
    ).toEqual([]);
    expect(checkClaims("原因はデータベースです。", evidence)).toHaveLength(1);
  });

  it("lets names with digits and small counts pass", () => {
    expect(checkClaims("The p95 of 2 services rose [E1].", evidence)).toEqual([]);
  });
});
