import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { matchRunbooks } from "../core/runbook-match.ts";
import { loadRunbooks, parseRunbook } from "./runbooks.ts";

const folder = join(import.meta.dirname, "../../runbooks");

describe("the runbooks that ship", () => {
  it("are at least ten, each with what a reader needs", async () => {
    const runbooks = await loadRunbooks([folder]);
    expect(runbooks.length).toBeGreaterThanOrEqual(10);
    for (const runbook of runbooks) {
      for (const heading of ["## Confirm", "## Mitigate", "## Verify", "## Follow up"]) {
        expect(runbook.body, runbook.name).toContain(heading);
      }
      expect(runbook.causes.length, runbook.name).toBeGreaterThan(0);
      expect(runbook.keywords.length, runbook.name).toBeGreaterThan(2);
      expect(runbook.actions.length, runbook.name).toBeGreaterThan(0);
    }
  });

  it.each([
    [
      "leak",
      "checkout: timeout exceeded when trying to connect; pool has 40 waiters",
      "connection-pool-exhaustion",
    ],
    ["leak", "cart: heap after collection rises; last exit OOMKilled", "memory-leak"],
    ["external-provider", "payment: provider answers 503", "third-party-outage"],
    ["demand-surge", "storefront: traffic rose 9 times at once", "traffic-surge"],
    ["bad-data", "worker: message 881 fails on each redelivery, queue grows", "poison-message"],
    ["expiry", "gateway: x509: certificate has expired", "certificate-expiry"],
    ["throttling", "catalog: 429 Too Many Requests, rate limit", "throttling-and-quota"],
    ["change", "flag new-checkout on for country DE; only DE fails", "feature-flag"],
    [
      "change",
      "checkout: timeout_ms from 2000 to 200; deadline exceeded, timeout",
      "timeout-and-retry",
    ],
    ["change", "catalog: new version throws exception after rollout", "bad-deploy-rollback"],
    [
      "saturation",
      "inventory: cpu at its limit, throttled; event loop lag 800 ms",
      "cpu-saturation",
    ],
    ["latency", "orders: sequential scan, missing index", "slow-query"],
  ] as const)("match %s: %s", async (causeKind, text, wanted) => {
    const runbooks = await loadRunbooks([folder]);
    const [best] = matchRunbooks(runbooks, { causeKind, texts: [text], service: null });
    expect(best?.runbook.name).toBe(wanted);
    expect(best?.why).not.toBe("");
  });

  it("match nothing when nothing fits", async () => {
    const runbooks = await loadRunbooks([folder]);
    expect(
      matchRunbooks(runbooks, { causeKind: null, texts: ["all is well"], service: null }),
    ).toEqual([]);
  });
});

describe("parseRunbook", () => {
  const text = (front: string) => `---\n${front}\n---\n# Body\n`;

  it("reads front matter and body", () => {
    expect(parseRunbook("x/pool.md", text("title: Pool\ncauses: [leak]"))).toEqual({
      name: "pool",
      title: "Pool",
      causes: ["leak"],
      keywords: [],
      services: [],
      actions: [],
      body: "# Body",
    });
  });

  it.each([
    ["no front matter", "# Body", /front matter between/],
    ["broken YAML", text("title: [a"), /not YAML/],
    ["an unknown cause", text("title: A\ncauses: [gremlins]"), /causes\.0/],
    ["an unknown key", text("title: A\nowner: me"), /owner/],
    [
      "an action without a way back",
      text("title: A\nactions: [{name: a, command: b, blastRadius: c}]"),
      /actions\.0\.rollback/,
    ],
  ])("says what is wrong with %s", (_, source, message) => {
    expect(() => parseRunbook("x/a.md", source)).toThrow(message);
    expect(() => parseRunbook("x/a.md", source)).toThrow(/x\/a\.md/);
  });

  it("names every faulty file of a team's folder at once, and takes the team's word over ours", async () => {
    const own = mkdtempSync(join(tmpdir(), "shodo-runbooks-"));
    const good = text("title: Ours\ncauses: [leak]");
    writeFileSync(join(own, "memory-leak.md"), good);
    const found = await loadRunbooks([folder, own]);
    expect(found.find(({ name }) => name === "memory-leak")?.title).toBe("Ours");
    writeFileSync(join(own, "a.md"), "# no front matter");
    writeFileSync(join(own, "b.md"), text("title: B\ncauses: [gremlins]"));
    await expect(loadRunbooks([folder, own])).rejects.toThrow(/a\.md[\s\S]*b\.md/);
  });

  it("names a folder that cannot be read", async () => {
    await expect(loadRunbooks(["/nowhere"])).rejects.toThrow(/\/nowhere/);
  });
});
