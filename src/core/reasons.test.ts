import { expect, it } from "vitest";
import { type ReasonId, readReason, reason, reasons } from "./reasons.ts";

it("finds the template and the values of every reason again", () => {
  const values: Record<string, string> = {
    caller: "web (a)",
    callee: "shop.api",
    reason: "score 1",
  };
  for (const id of Object.keys(reasons) as ReasonId[]) {
    const names = [...reasons[id].matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    const params = Object.fromEntries(names.map((name) => [name, values[name] ?? "x-1"]));
    expect(readReason(reason(id, params))).toEqual({ id, params });
  }
});

it("leaves other sentences alone", () => {
  expect(readReason("the model wants to look at logs")).toBeNull();
});
