import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { netWords, parseDiff } from "./diff.ts";
import { traitsOf } from "./diff-traits.ts";
import { amountOf } from "./literal-changes.ts";

const kinds = (diff: string, about = "") => traitsOf(parseDiff(diff), about).map((t) => t.kind);

describe("a diff", () => {
  it("is read with and without file headers", () => {
    const unified = parseDiff(
      "--- a/x.go\n+++ b/x.go\n@@ -1,2 +1,2 @@ func A() {\n-old\n+new\n same",
    );
    expect(unified.hunks[0]).toMatchObject({ file: "x.go", header: "func A() {" });
    expect(parseDiff("@@ pkg/x.go @@\n-old\n+new").hunks[0]?.file).toBe("pkg/x.go");
    expect(parseDiff("-old\n+new")).toMatchObject({ removed: ["old"], added: ["new"] });
  });

  it("tells moved words from lost words", () => {
    const moved = netWords(parseDiff("-call(alpha, beta)\n+helper(call(alpha, beta))"));
    expect(moved.keptShare).toBe(1);
    expect([...moved.come.keys()]).toEqual(["helper"]);
    expect([...netWords(parseDiff("-call(alpha)\n+call()")).gone.keys()]).toEqual(["alpha"]);
  });

  it("loses nothing, whatever the text", () => {
    const line = fc.string({ maxLength: 40 }).map((text) => text.replace(/\n/g, ""));
    const lines = fc.array(line.map((text) => `+${text}`).filter((text) => !/^\+\+\+ /.test(text)));
    fc.assert(
      fc.property(lines, (added) => {
        expect(parseDiff(added.join("\n")).added).toHaveLength(added.length);
      }),
    );
  });
});

describe("traits of a diff", () => {
  it("see lost protections", () => {
    expect(kinds("-SELECT a FROM t LIMIT 50\n+SELECT a FROM t")).toContain("limit-removed");
    expect(kinds("-defer rows.Close()\n+log.Println(1)")).toContain("release-removed");
    expect(kinds("-  } finally {\n-    client.release();\n-  }")).toContain("release-removed");
    expect(kinds("-  await sleep(backoff(n))")).toContain("brake-removed");
    expect(kinds("-CREATE INDEX orders_by_shop ON orders (shop)")).toContain("index-removed");
    expect(kinds("+DROP INDEX orders_by_shop;")).toContain("index-dropped");
    const shorter = "-if exp.Add(leeway).Before(now) {\n+if exp.Before(now) {";
    expect(kinds(shorter)).toContain("condition-narrowed");
  });

  it("see a call made once per element", () => {
    const diff = [
      "@@ src/list.ts @@",
      "-  const prices = await getMany(ids)",
      "+  for (const id of ids) {",
      "+    prices.push(await client.get(id))",
      "+  }",
    ];
    expect(kinds(diff.join("\n"))).toEqual(
      expect.arrayContaining(["call-per-element", "batch-removed"]),
    );
  });

  it("see a collection that only grows, and not one that is bounded", () => {
    expect(kinds("+const seen = []\n+seen.push(order)")).toContain("unbounded-growth");
    const bounded =
      "+const seen = new Map()\n+seen.set(id, order)\n+if (seen.size > 9) seen.delete(x)";
    expect(kinds(bounded)).not.toContain("unbounded-growth");
  });

  it("see knobs and which way they were turned", () => {
    const trait = (diff: string) => traitsOf(parseDiff(diff), "")[0];
    expect(trait("-  TTL: 15 * time.Minute,\n+  TTL: 15 * time.Second,")).toMatchObject({
      kind: "literal-lowered",
      risk: 3,
    });
    expect(trait("-timeout_ms: 2000\n+timeout_ms: 150")?.effects).toContain("timeout");
    expect(trait("-poolSize: 20\n+poolSize: 2")?.effects).toContain("connections");
    const raised = trait("-timeout_ms: 150\n+timeout_ms: 2000")?.risk ?? 0;
    expect(raised).toBeLessThan(trait("-timeout_ms: 2000\n+timeout_ms: 150")?.risk ?? 0);
  });

  it("see nothing in code that moved or in comments", () => {
    expect(kinds("-  return total(items)\n+  const sum = total(items)\n+  return sum")).toEqual([]);
    expect(kinds("-// keep the LIMIT 50\n+// no word on limits")).toEqual([]);
    expect(kinds("-if err != nil { return fail(w) }\n+if err != nil {\n+  abort(w)\n+}")).toEqual(
      [],
    );
  });

  it("never throw", () => {
    fc.assert(fc.property(fc.string(), (text) => void kinds(text)));
  });
});

describe("amounts", () => {
  it("compare across units", () => {
    expect(amountOf("15m")).toBe(60 * amountOf("15s"));
    expect(amountOf("2 * time.Second")).toBe(2000);
    expect(amountOf('"512Mi"')).toBe(512 * 1024 ** 2);
    expect(amountOf("checkout")).toBeNaN();
  });
});
