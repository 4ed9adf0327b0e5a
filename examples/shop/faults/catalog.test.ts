import { expect, test } from "vitest";
import { history } from "../control/history.ts";
import { shopFile } from "../control/releases.ts";
import { editsAtStart, pastChanges } from "../record/change-log.ts";
import { faults } from "./catalog.ts";

test.each(history)("the commit '$title' is in the shop's code once", async ({ file, now }) => {
  const text = await shopFile(file);
  expect(text.split(now)).toHaveLength(2);
});

test.each(faults)(
  "$name has decoys, a plausible time line and at least ten harmless commits",
  async (fault) => {
    const { baseline, total } = fault.seconds;
    expect(total).toBeGreaterThanOrEqual(600);
    for (const { at } of fault.steps) {
      expect(at).toBeGreaterThan(baseline);
      expect(at).toBeLessThan(total - 120);
    }
    expect(fault.steps.filter((step) => step.role === "decoy").length).toBeGreaterThanOrEqual(2);
    const past = await pastChanges(fault, Date.UTC(2026, 0, 5));
    expect(past.length).toBeGreaterThanOrEqual(10);
    for (const { diff } of past) expect(diff).toMatch(/^diff --git a\/.*\n(.*\n)*@@/);
    expect(Object.keys(await editsAtStart(fault)).length).toBeGreaterThanOrEqual(1);
  },
);

test("names of folders are neutral and in order", () => {
  const folders = faults.map((fault) => fault.folder);
  expect(new Set(folders).size).toBe(folders.length);
  expect(folders).toEqual([...folders].sort());
  for (const { folder, name } of faults) {
    expect(folder).toMatch(/^\d\d-[a-z]+-[a-z]+$/);
    for (const word of name.split("-").filter((part) => part.length > 2)) {
      expect(folder).not.toContain(word);
    }
  }
});

test("there are faults without a guilty change, a healthy case and one with denied logs", () => {
  const innocent = faults.filter((fault) => fault.steps.every((step) => step.role !== "guilty"));
  expect(innocent.map((fault) => fault.name)).toEqual(
    expect.arrayContaining(["provider-outage", "flash-sale", "poison-message", "healthy"]),
  );
  expect(faults.filter((fault) => fault.truth.kind !== "fault")).toHaveLength(1);
  expect(faults.filter((fault) => fault.denied)).toHaveLength(1);
  expect(new Set(faults.map((fault) => fault.truth.priority)).size).toBe(4);
});
