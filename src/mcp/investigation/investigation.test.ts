import { describe, expect, it } from "vitest";
import { callFacts, connect } from "../testing/connect.ts";
import { fakeEvidence } from "../testing/fake-analyst.ts";
import { fakeParts } from "../testing/fake-parts.ts";
import { untilAborted } from "../testing/until-aborted.ts";

describe("an investigation over MCP", () => {
  it("starts at once, shows findings while it runs, and ends with the report", async () => {
    const parts = fakeParts();
    const client = await connect(parts);
    const started = await callFacts(client, "start_investigation", { question: "slow checkout" });
    const id = started.incident as string;
    expect(started.state).toBe("investigating");
    parts.analyst.step(id, { kind: "started", driver: "builtin", question: null });
    parts.analyst.step(id, { kind: "evidence-added", evidence: fakeEvidence("E1", "p95 rose") });
    const running = await callFacts(client, "get_investigation", { incident: id, wait_s: 0 });
    expect(running.text).toMatchInlineSnapshot(`
      "kind: data
      incident: inc_0001
      title: slow checkout
      state: investigating
      opened_at: 2026-03-01T10:00:00Z
      progress:
        steps: 2
        tool_calls: 0
        findings: 1
        seconds: 0
        doing: E1: p95 rose
      findings:
        - id: E1
          statement: p95 rose
          service: checkout
      hypotheses: none
      next: Call get_investigation again with this incident id."
    `);
    parts.analyst.finish(id);
    const done = await callFacts(client, "get_investigation", { incident: id });
    expect(done.text).toMatchInlineSnapshot(`
      "kind: data
      incident: inc_0001
      title: slow checkout
      state: reported
      opened_at: 2026-03-01T10:00:00Z
      report:
        conclusion: likely
        confidence: 0.82
        priority: P1, act within: 1 hour
        priority_because: 31% of checkouts fail (measured)
        summary: Checkout fails for a third of users. A deploy halved its connection pool.
        root_causes:
          - rank: 1
            service: checkout
            resource: checkout/pool
            change: deploy d34db33f: Tune the pool
            mechanism: the deploy left too few connections, so requests wait
            confidence: 0.82
            supporting: E1, E2
            contradicting: E3
          - rank: 2
            service: payment
            mechanism: payment answers slowly
            confidence: 0.1
            supporting: E3
            contradicting: none
        first_failing: checkout
        blast_radius: storefront, orders
        onset: 2026-03-01T10:05:00Z
        users: 31% of checkouts fail
        business_lost:
          - kpi: orders
            expected: 1200
            actual: 830
            lost: 370
            unit: orders
            lost_value: 18500
            currency: USD
            evidence: E1
        slos_burning:
          - slo: checkout
            burn_rate: 310
            budget_left: 0.4
            evidence: E1
        as_expected: none
        actions:
          - do: rollback: Roll back d34db33f
            risk: low
            evidence: E2
          - do: monitor: Watch the pool
            risk: none
            evidence: none
        evidence:
          - id: E1
            statement: checkout latency p95 rose from 0.3 s to 4.2 s
          - id: E2
            statement: deploy d34db33f of checkout came 3 minutes before
          - id: E3
            statement: payment latency is normal
        evidence_total: 3
        ruled_out:
          - claim: inventory deploy
            because: it came after the onset
            evidence: E3
        gaps:
          - what: traces of inventory
            why: throttled
            effect: its latency is unknown
        status: complete
        model: builtin
      next: Tell the user the cause with its evidence ids. Follow-ups: ask_investigation; every query: detail: true; a picture: show_investigation.
      resources: shodo://incidents/inc_0001, shodo://incidents/inc_0001/report.md, shodo://incidents/inc_0001/evidence/{n}"
    `);
    const answer = await callFacts(client, "ask_investigation", { incident: id, question: "why?" });
    expect(answer.evidence).toEqual(["E1"]);
  });

  it("waits for the report and tells progress meanwhile", async () => {
    const parts = fakeParts();
    const client = await connect(parts);
    const { incident } = await callFacts(client, "start_investigation", { service: "checkout" });
    const told: string[] = [];
    const waiting = client.callTool(
      { name: "get_investigation", arguments: { incident, wait_s: 30 } },
      { onprogress: ({ message }) => told.push(message ?? "") },
    );
    await new Promise((resolve) => setImmediate(resolve));
    parts.analyst.step(incident as string, {
      kind: "evidence-added",
      evidence: fakeEvidence("E1", "p95 rose"),
    });
    await new Promise((resolve) => setImmediate(resolve));
    parts.analyst.finish(incident as string);
    const result = await waiting;
    expect(result.structuredContent).toMatchObject({ state: "reported" });
    expect(told).toContain("E1: p95 rose");
  });

  it("gives up waiting after the time asked for", async () => {
    const parts = fakeParts();
    const client = await connect(parts);
    const { incident } = await callFacts(client, "start_investigation", { service: "checkout" });
    const before = parts.clock.now();
    const facts = await callFacts(client, "get_investigation", { incident, wait_s: 30 });
    expect(facts.state).toBe("investigating");
    expect(parts.clock.now() - before).toBe(30_000);
  });

  it("stops the investigation when the caller who waits in start cancels", async () => {
    const parts = fakeParts({ pause: (_ms, signal) => untilAborted(signal) });
    const client = await connect(parts);
    const stop = new AbortController();
    const call = client.callTool(
      { name: "start_investigation", arguments: { question: "slow", wait_s: 30 } },
      { signal: stop.signal },
    );
    while (parts.analyst.requests.length === 0) await new Promise((r) => setImmediate(r));
    stop.abort();
    await expect(call).rejects.toThrow();
    while (parts.analyst.cancelled.length === 0) await new Promise((r) => setImmediate(r));
    expect(parts.analyst.cancelled).toEqual(["inc_0001"]);
  });

  it("starts nothing new for the same key, and keeps keys of two callers apart", async () => {
    const parts = fakeParts();
    const one = await connect(parts, "2025", { clientId: "ann", scopes: ["investigate"] });
    const two = await connect(parts, "2025", { clientId: "bob", scopes: ["investigate"] });
    const ask = { question: "slow", key: "k1" };
    const first = await callFacts(one, "start_investigation", ask);
    const again = await callFacts(one, "start_investigation", ask);
    const other = await callFacts(two, "start_investigation", ask);
    expect(again.incident).toBe(first.incident);
    expect(other.incident).not.toBe(first.incident);
  });

  it("hides one caller's incidents from another, but not from an admin", async () => {
    const parts = fakeParts();
    const ann = await connect(parts, "2026-07-28", { clientId: "ann", scopes: ["investigate"] });
    const bob = await connect(parts, "2026-07-28", { clientId: "bob", scopes: ["investigate"] });
    const boss = await connect(parts, "2026-07-28", { clientId: "eve", scopes: ["admin"] });
    const { incident } = await callFacts(ann, "start_investigation", { question: "secret" });
    for (const tool of ["get_investigation", "show_investigation", "cancel_investigation"]) {
      const facts = await callFacts(bob, tool, { incident });
      expect(facts.reason, tool).toBe("not-found");
      expect(facts.text).not.toContain("secret");
    }
    const scoped = await callFacts(bob, "search_logs", { text: "x", incident });
    expect(scoped.reason).toBe("not-found");
    expect((await callFacts(bob, "list_incidents")).incidents).toEqual([]);
    const seen = await callFacts(boss, "get_investigation", { incident, wait_s: 0 });
    expect(seen.title).toBe("secret");
  });

  it("lets a reader read and nothing more", async () => {
    const client = await connect(fakeParts(), "2025", { clientId: "ann", scopes: ["read"] });
    const facts = await callFacts(client, "start_investigation", { question: "slow" });
    expect(facts.text).toContain("scope `investigate`");
    expect((await callFacts(client, "search_logs", { text: "x" })).kind).toBe("data");
  });
});
