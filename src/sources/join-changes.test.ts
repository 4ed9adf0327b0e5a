import { expect, it } from "vitest";
import { readChanges } from "../core/row-readers.ts";
import { type ChangeRow, changesFrame } from "./changes/change-rows.ts";
import { joinChanges } from "./join-changes.ts";

const at = Date.UTC(2026, 2, 1, 10);
const written: ChangeRow = {
  at,
  kind: "deploy",
  service: "payment",
  ref: "payment@6.3.0",
  title: "Deploy payment 6.3.0",
  author: null,
  files: ["pay.ts"],
  diff: "-const retries = 3\n+const retries = 0",
};
const called: ChangeRow = {
  ...{ at: at + 20_000, kind: "deploy", service: "payment", ref: "event-1" },
  ...{ title: "UpdateService payment", author: "ci" },
};

function joined(...sources: readonly (readonly ChangeRow[])[]) {
  return readChanges(joinChanges(sources.map(changesFrame)));
}

it("tells a change that two sources saw once, with what each of them knows", () => {
  const [only, ...others] = joined([called], [written]);
  expect(others).toEqual([]);
  expect(only).toMatchObject({ ref: "payment@6.3.0", author: "ci", diff: written.diff });
});

it.each([
  ["another service", { ...called, service: "catalog" }],
  ["another kind", { ...called, kind: "flag" as const }],
  ["another minute", { ...called, at: at + 61_000 }],
  ["a diff of something else", { ...called, diff: "-poolSize: 20\n+poolSize: 2" }],
])("keeps apart what was changed in %s", (_what, other) => {
  expect(joined([written], [other])).toHaveLength(2);
});

it("joins no two changes that one source tells apart", () => {
  const again = { ...called, ref: "event-2", at: at + 40_000 };
  expect(joined([written], [called, again]).map(({ ref }) => ref)).toEqual([
    "payment@6.3.0",
    "event-2",
  ]);
});
