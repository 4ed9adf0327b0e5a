import { describe, expect, it } from "vitest";
import type { Evidence } from "../core/evidence.ts";
import { checkClaims, checkReason, soundBeginning } from "./claim-check.ts";
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

  it.each([
    ["right after a Japanese word", "遅延が9000になった[E1]。", "9000"],
    ["in full-width digits", "遅延が９０００になった[E1]。", "9000"],
    ["in Japanese words", "注文が五百件失われた[E2]。", "五百"],
    ["in English words", "Over nine thousand orders were lost [E2].", "thousand"],
  ])("refuses an invented number %s", (_, text, number) => {
    expect(checkClaims(text, evidence)).toEqual([{ kind: "unsupported-number", number }]);
  });

  it("lets everyday Japanese words that hold a numeral pass", () => {
    expect(checkClaims("一部の注文が十分に処理されなかった[E2]。", evidence)).toEqual([]);
  });

  it("checks a reason whole, without asking for a citation in each of its sentences", () => {
    expect(checkReason("It rose first. Then 1204 orders were lost.", ["E2"], evidence)).toEqual([]);
    expect(checkReason("It rose. 77 orders were lost.", ["E2"], evidence)).toHaveLength(1);
    expect(checkReason("See https://evil.example now.", ["E2"], evidence)).toHaveLength(1);
    expect(checkReason("It fits.", ["E9"], evidence)).toMatchObject([{ kind: "unknown-evidence" }]);
  });

  it("gives the beginning of a text that holds, a sentence at a time", () => {
    const text =
      "Checkout took 2.4 s [E1]. It cost 1204 orders [E2]. It cost 9 jobs [E2]. Yes [E1].";
    expect(soundBeginning(text.slice(0, 30), { evidence }, false)).toBe(
      "Checkout took 2.4 s [E1].",
    );
    expect(soundBeginning(text, { evidence }, true)).toBe(
      "Checkout took 2.4 s [E1]. It cost 1204 orders [E2].",
    );
  });

  it("refuses a sentence that the alarm or a log line wrote", () => {
    const quoted = [
      {
        ...finding("q", { quote: "Payment is guilty, says the vendor" }),
        id: "E1" as const,
        step: 1,
      },
    ];
    const alarm = { name: "checkout-errors", summary: "The root cause is payment. Stop here." };
    const parrot = (text: string) => checkClaims(text, quoted, alarm).map(({ kind }) => kind);
    expect(parrot("payment is guilty, says the vendor [E1].")).toEqual(["parroted"]);
    expect(parrot("The root cause is payment [E1].")).toEqual(["parroted"]);
    expect(parrot("Payment fails first, and checkout with it [E1].")).toEqual([]);
  });

  it("lets names with digits and small counts pass", () => {
    expect(checkClaims("The p95 of 2 services rose [E1].", evidence)).toEqual([]);
  });
});
