import { describe, expect, it } from "vitest";
import { parseDiff } from "./diff.ts";
import { nameTraits } from "./name-traits.ts";

function traits(text: string) {
  const diff = parseDiff(text);
  return nameTraits(diff, diff.removed, diff.added).map(({ kind, phrase }) => `${kind}: ${phrase}`);
}

describe("traits of names and values", () => {
  it("see an entry taken out of a list that nothing replaces", () => {
    expect(traits('@@ a.ts @@\n-  "orders:write",\n   "orders:read",')).toEqual([
      'entry-removed: took "orders:write" out',
    ]);
    expect(traits('@@ a.ts @@\n-  "orders:write",\n+  "orders:admin",').join()).not.toContain(
      "entry",
    );
  });

  it("see one name put where another stood, once; everywhere it is a tidy rename", () => {
    expect(traits("@@ a.ts @@\n-  return row.total;\n+  return row.amount;")).toEqual([
      "name-replaced: uses amount where total stood",
    ]);
    const everywhere = "@@ a.ts @@\n-let total = 1;\n-use(total);\n+let sum = 1;\n+use(sum);";
    expect(traits(everywhere)).toEqual([]);
  });

  it("see another way of rounding", () => {
    expect(
      traits("@@ a.ts @@\n-const c = Math.round(x);\n+const c = Math.floor(x);").join(),
    ).toContain("rounding-changed");
    expect(traits("@@ a.ts @@\n-const c = x;\n+const c = x;")).toEqual([]);
  });
});
