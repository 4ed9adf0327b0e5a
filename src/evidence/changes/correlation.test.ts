import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Change, Observations } from "../../core/rows.ts";
import { symptomsOf } from "../causes/symptoms.ts";
import { at, attribute, change, errorLog, observed, series } from "../testing/observed.ts";
import { correlateChanges } from "./correlation.ts";

const noAlarm = { service: null, metric: null, name: null, summary: null, firedAt: null };

function rank(observations: Observations, firstFailing: string, onsetMinute = 60) {
  const onset = {
    at: at(onsetMinute),
    interval: { from: at(onsetMinute - 1), to: at(onsetMinute) },
  };
  const symptoms = symptomsOf(observations, noAlarm);
  const failing = [firstFailing];
  return correlateChanges(observations, { onset, firstFailing, failing, symptoms });
}

const orders = "services/orders/list.ts";
const guilty = change({
  minutes: 50,
  ref: "aaaa111",
  title: "feat(orders): sort by score",
  files: [orders],
  diff: [
    `@@ ${orders} @@`,
    "-  sql`SELECT id FROM order_lines WHERE shop = $1 ORDER BY score LIMIT 50`",
    "+  sql`SELECT id FROM order_lines WHERE shop = $1 ORDER BY score`",
  ].join("\n"),
});
const innocent = change({
  minutes: 57,
  ref: "bbbb222",
  title: "refactor(orders): extract a helper",
  files: [orders],
  diff: `@@ ${orders} @@\n-  const page = build(query)\n+  const page = compose(build(query))`,
});
const deploy = (ref: string, minutes: number, service = "orders"): Change =>
  change({ kind: "deploy", service, ref, minutes, title: `deploy ${ref}` });

const slow = series("orders", "db_query_latency_p99_ms", (i) => (i < 60 ? 40 : 900));
const slowLog = errorLog("orders", "slow query: SELECT id FROM order_lines took 900ms");

describe("change correlation", () => {
  it("prefers the change that explains the symptom to the newest deploy", () => {
    const observations = observed({
      series: [slow],
      logPatterns: [slowLog],
      changes: [guilty, innocent, deploy("aaaa111", 52), deploy("bbbb222", 58)],
    });
    const [first, second] = rank(observations, "orders");
    expect(first?.ref).toBe("aaaa111");
    expect(first?.score).toBeGreaterThan((second?.score ?? 0) + 2);
    expect(first?.mechanism).toMatchInlineSnapshot(
      `"commit aaaa111 (deployed to orders at 10:52) removed a limit; “order_lines” appears in what fails on orders"`,
    );
    expect(first?.reasons.map((reason) => reason.statement)).toMatchInlineSnapshot(`
      [
        "commit aaaa111 (deployed to orders at 10:52) touches "order_lines", which log lines of orders name",
        "commit aaaa111 (deployed to orders at 10:52) removed a limit",
        "commit aaaa111 (deployed to orders at 10:52) went live at 10:52, before the failure began",
      ]
    `);
  });

  it("counts a word that vanished from spans like one that appeared", () => {
    const statement = "SELECT id FROM order_lines WHERE shop = $1 ORDER BY score";
    const key = "db.statement";
    const before = attribute({
      service: "orders",
      key,
      value: `${statement} LIMIT 50`,
      baselineCount: 9,
    });
    const now = attribute({ service: "orders", key, value: statement, windowCount: 9 });
    const observations = observed({
      series: [slow],
      attributes: [before, now],
      changes: [guilty, deploy("aaaa111", 58)],
    });
    const [first] = rank(observations, "orders");
    expect(first?.words[0]).toMatchObject({ term: "limit", side: "gone" });
  });

  it("does not blame what was merged but never deployed", () => {
    const observations = observed({
      series: [slow],
      logPatterns: [slowLog],
      changes: [guilty, innocent, deploy("bbbb222", 49)],
    });
    const found = rank(observations, "orders").find((c) => c.ref === "aaaa111");
    expect(found?.timing.verdict).toBe("not-deployed");
    expect(found?.contradicting[0]?.statement).toContain("no deploy carried it");
  });

  it("lets a commit ride on a later deploy of its service", () => {
    const observations = observed({
      series: [slow],
      logPatterns: [slowLog],
      changes: [guilty, innocent, deploy("bbbb222", 59)],
    });
    const [first] = rank(observations, "orders");
    expect(first?.ref).toBe("aaaa111");
    expect(first?.timing.liveAt).toBe(at(59));
  });

  it("sets aside what went live after the failure began", () => {
    const observations = observed({
      series: [slow],
      logPatterns: [slowLog],
      changes: [guilty, deploy("aaaa111", 70)],
    });
    const [first] = rank(observations, "orders");
    expect(first?.timing.verdict).toBe("too-late");
    expect(first?.score).toBeLessThan(0);
  });

  it("meets a leak with the deploy that started it, however late the crash", () => {
    const leak = change({
      minutes: 8,
      ref: "cccc333",
      title: "feat(orders): keep history",
      files: ["services/orders/history.ts"],
      diff: [
        "@@ services/orders/history.ts @@",
        "+const history = []",
        "+export function remember(order) {",
        "+  history.push(order)",
        "+}",
      ].join("\n"),
    });
    const observations = observed({
      series: [
        series("orders", "process_memory_rss_mb", (i) => (i < 10 ? 200 : 200 + (i - 10) * 6)),
        series("orders", "http_error_ratio", (i) => (i < 80 ? 0.01 : 0.6)),
      ],
      logPatterns: [errorLog("orders", "container killed: out of memory", 80)],
      changes: [leak, innocent, deploy("cccc333", 10), deploy("bbbb222", 78)],
    });
    const [first] = rank(observations, "orders", 80);
    expect(first?.ref).toBe("cccc333");
    expect(first?.timing.movement?.metric).toBe("process_memory_rss_mb");
  });

  it("judges a flag by the same test as code", () => {
    const log = errorLog("orders", "vat_rules_v2: no rate for country FR");
    const flag = (ref: string, minutes: number) =>
      change({ kind: "flag", service: "orders", ref, minutes, title: `${ref} off->on` });
    const observations = observed({
      logPatterns: [log],
      changes: [flag("vat_rules_v2", 59), flag("new_receipt_layout", 59)],
    });
    const [first, second] = rank(observations, "orders");
    expect(first?.ref).toBe("vat_rules_v2");
    expect(second?.explained).toBeLessThan(0.5);
  });

  it("hears a switch that is named after what is seen", () => {
    const kind = "flag" as const;
    const flags = [
      change({ kind, service: "orders", ref: "f1", minutes: 59, title: "ordersUnreachable on" }),
      change({ kind, service: "orders", ref: "f2", minutes: 59, title: "newFooter on" }),
    ];
    const logPatterns = [errorLog("orders", "dial tcp 10.0.0.7: connect: connection refused")];
    const [first, second] = rank(observed({ logPatterns, changes: flags }), "orders");
    expect(first).toMatchObject({ ref: "f1", trait: { kind: "named" } });
    expect(second?.explained).toBe(0);
  });

  it("takes an error at its word that quotes the version that went live", () => {
    const changes = [deploy("orders@2.14.0", 58), deploy("orders@2.13.9", 59)];
    const text = 'Failed to pull image "registry/orders:v2.14.0": not found';
    const found = rank(observed({ logPatterns: [errorLog("orders", text)], changes }), "orders");
    expect(found[0]?.ref).toBe("orders@2.14.0");
    expect(found[0]?.words.map((word) => word.text)).toContain("2.14.0");
  });

  it("needs no diff, no files and no service to answer", () => {
    const observations = observed({ changes: [change({ minutes: 30, title: "something" })] });
    expect(rank(observations, "orders")).toHaveLength(1);
  });

  it("gives the same ranking whatever the order of the rows", () => {
    const rows = [guilty, innocent, deploy("aaaa111", 52), deploy("bbbb222", 58)];
    const list = (changes: readonly Change[]) =>
      rank(observed({ series: [slow], logPatterns: [slowLog], changes }), "orders").map((c) => [
        c.ref,
        c.score,
      ]);
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (changes) => {
        expect(list(changes)).toEqual(list(rows));
      }),
    );
  });

  it("never throws and always gives finite scores on foreign text", () => {
    const text = fc.oneof(fc.string({ maxLength: 200 }), fc.lorem());
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 89 }), (title, diff, minutes) => {
        const row = change({ minutes, title, diff, files: [diff.slice(0, 20)], ref: title });
        const log = errorLog("orders", diff);
        const found = rank(observed({ changes: [row], logPatterns: [log] }), "orders");
        expect(found.every((c) => Number.isFinite(c.score))).toBe(true);
      }),
    );
  });

  it("hears a setting that was turned in the plain words of a failure", () => {
    const config = (ref: string, line: string) =>
      change({
        ...{ kind: "config" as const, service: "uploads", minutes: 59, ref, title: "Tune" },
        diff: `@@ a @@\n-  "${line}": 8\n+  "${line}": 2`,
      });
    const observations = observed({
      logPatterns: [errorLog("uploads", "rejected: too many upload parts in one request")],
      changes: [config("parts", "uploadParts"), config("shade", "previewShade")],
    });
    const [first, second] = rank(observations, "uploads");
    expect(first?.ref).toBe("parts");
    expect(first?.words[0]).toMatchObject({ text: "uploadParts", isCompound: true });
    expect(first?.score).toBeGreaterThan((second?.score ?? 0) + 1);
  });

  it("takes an import of another path for what it is: missing at once, or harmless", () => {
    const tidy = change({
      ...{ kind: "deploy" as const, service: "orders", minutes: 59, ref: "tidy", title: "Tidy" },
      diff: '@@ src/index.ts @@\n-import "./b";\n+import "./c";',
    });
    const queue = series("orders", "queue_depth", (i) => (i < 60 ? 2 : 900));
    const [first] = rank(observed({ series: [queue], changes: [tidy] }), "orders");
    expect(first?.explained).toBeLessThan(1);
  });
});
