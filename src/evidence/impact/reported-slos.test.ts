import { expect, it } from "vitest";
import type { SloReport } from "../../core/rows.ts";
import { reportedSlos } from "./reported-slos.ts";

const window = { from: 0, to: 3_600_000 };
const report: SloReport = {
  name: "orders available",
  service: "checkout",
  operation: null,
  target: 0.999,
  attained: 0.9985,
  budgetLeft: -0.04,
  burnRate: 10,
  state: "breached",
};

it("says how a reported objective stands, and carries its numbers to the report", () => {
  const [finding] = reportedSlos([report], window, []);
  expect(finding?.statement).toMatchInlineSnapshot(
    `"orders available of checkout is breached: 99.85% attained, 99.9% asked; -4% of the error budget is left, and it burnt 10 times too fast in this time"`,
  );
  expect(finding?.facts?.sloStatus).toMatchObject({ burnRate: 10, budgetLeft: -0.04 });
});

it("says that an objective without data is unknown, and gives no number for it", () => {
  const blank = { ...report, attained: Number.NaN, budgetLeft: Number.NaN, burnRate: Number.NaN };
  const [finding] = reportedSlos([{ ...blank, state: "unknown" }], window, []);
  expect(finding?.statement).toMatchInlineSnapshot(
    `"orders available of checkout is unknown: an unknown share attained, 99.9% asked; an unknown share of the error budget is left"`,
  );
  expect(finding?.facts).toBeUndefined();
});
