import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Incident } from "../../core/incident.ts";
import { type InvestigationRequest, requestBy } from "../../core/investigation-request.ts";
import { localPrincipal } from "../../core/principal.ts";
import { unreadable } from "../../core/report.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { demoIncidents } from "../demo-incidents.ts";
import { openAnalyst } from "../open-analyst.ts";
import { newIncident } from "./new-incident.ts";

const ids = randomIds(systemClock);
const capture = demoIncidents()[0]?.folder ?? "";
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(storePath = ":memory:") {
  const opened = await openAnalyst({
    configFile: undefined,
    model: "builtin",
    clock: systemClock,
    ids,
    storePath,
  });
  closing.push(opened.close);
  return opened;
}

function request(more: Partial<InvestigationRequest> = {}): InvestigationRequest {
  return requestBy(localPrincipal, {
    capture,
    ...more,
  });
}

function incidentOf(id: string, state: Incident["state"]): Incident {
  const made = { id, investigation: `inv_${id}`, now: systemClock.now() };
  return { ...newIncident(request(), made), state };
}

/** Looks until it is so; the test's own limit ends it. */
async function until(look: () => Promise<boolean>): Promise<void> {
  while (!(await look())) await new Promise((resolve) => setImmediate(resolve));
}

describe("the analyst of a process", () => {
  it("leaves an incident that another process can read back and replay", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "shodo-store-")), "shodo.db");
    const first = await open(path);
    const report = await first.analyst.investigate(request());
    await first.close();
    closing.length = 0;
    const { analyst } = await open(path);
    expect(await analyst.report(report.id)).toEqual(report);
    const incident = await analyst.incident(report.id);
    expect(incident).toMatchObject({ state: "reported", conclusion: report.conclusion });
    const steps = await analyst.steps(report.id, 0);
    expect(steps[0]?.kind).toBe("started");
    expect(steps.at(-1)?.kind).toBe("final");
    expect(steps.map(({ number }) => number)).toEqual(steps.map((_, i) => i + 1));
  }, 30_000);

  it("starts nothing new for a repeated idempotency key", async () => {
    const { analyst } = await open();
    const report = await analyst.investigate(request({ idempotencyKey: "alarm-1" }));
    const again = await analyst.start(request({ idempotencyKey: "alarm-1" }));
    expect(again.id).toBe(report.id);
    expect(await analyst.incidents({ limit: 10 })).toHaveLength(1);
  }, 30_000);

  it("gives a partial report when it is stopped, and says by what", async () => {
    const { analyst } = await open();
    const stop = new AbortController();
    const unsubscribe = analyst.subscribe("all", (event) => {
      if (event.kind === "step" && event.step.kind === "tool-result") stop.abort();
    });
    const report = await analyst.investigate(request(), stop.signal);
    unsubscribe();
    expect(report).toMatchObject({ status: "partial", usage: { stoppedBy: "stopped on request" } });
    expect((await analyst.incident(report.id))?.state).toBe("cancelled");
  }, 30_000);

  it("does not call a log unread in which nothing stands out", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shodo-calm-"));
    const window = { from: "2026-01-01T10:00:00Z", to: "2026-01-01T11:00:00Z" };
    const trigger = { kind: "alarm", summary: "errors", firedAt: "2026-01-01T10:30:00Z" };
    const incident = { id: "calm", title: "nothing stands out", trigger, window };
    writeFileSync(join(folder, "incident.json"), JSON.stringify(incident));
    const line = { timestamp: "2026-01-01T10:10:00Z", service: "cart", severity: "INFO" };
    writeFileSync(join(folder, "logs.jsonl"), `${JSON.stringify({ ...line, body: "ready" })}\n`);
    const { analyst } = await open();
    const report = await analyst.investigate(request({ capture: folder }));
    expect(report.usage.stoppedBy).not.toBe(unreadable);
    expect(report.summary).not.toContain("no telemetry could be read");
  }, 30_000);

  it("reads a folder of telemetry without incident.json in the window that was asked for", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shodo-bare-"));
    const line = { timestamp: "2026-01-01T10:10:00Z", service: "cart", severity: "INFO" };
    writeFileSync(join(folder, "logs.jsonl"), `${JSON.stringify({ ...line, body: "ready" })}\n`);
    const { analyst } = await open();
    const asked = { from: Date.UTC(2026, 0, 1, 10), to: Date.UTC(2026, 0, 1, 11) };
    const report = await analyst.investigate(request({ capture: folder, window: asked }));
    expect(report.usage.stoppedBy).not.toBe(unreadable);
    expect(report.window.to).toBe("2026-01-01T11:00:00Z");
    const unasked = analyst.investigate(request({ capture: folder }));
    await expect(unasked).rejects.toThrow(/no incident\.json.*--since and --until/);
  }, 30_000);

  it("says so when no source could be read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shodo-denied-"));
    const denied = ["metrics", "logs", "traces", "changes", "topology", "business", "alarms"];
    writeFileSync(
      join(folder, "incident.json"),
      JSON.stringify({
        id: "dark",
        title: "nothing can be read",
        trigger: { kind: "alarm", summary: "errors" },
        window: { from: "2026-01-01T10:00:00Z", to: "2026-01-01T11:00:00Z" },
        denied: denied.map((signal) => ({ signal, reason: "AccessDenied" })),
      }),
    );
    const { analyst } = await open();
    const report = await analyst.investigate(request({ capture: folder }));
    expect(report).toMatchObject({ status: "partial", conclusion: "inconclusive" });
    expect(report.usage.stoppedBy).toBe(unreadable);
    expect(report.gaps.length).toBeGreaterThan(0);
    expect(report.priority.level).not.toBe("P3");
  }, 30_000);

  it("keeps a person's priority with its reason, in report and audit log", async () => {
    const { analyst, store } = await open();
    const { id, priority } = await analyst.investigate(request());
    const by = { ...localPrincipal, name: "Aiko" };
    const level = priority.level === "P0" ? "P1" : "P0";
    expect(await analyst.overridePriority(id, level, " ", by)).toMatchObject({ kind: "refused" });
    await analyst.overridePriority(id, level, "the board is watching", by);
    expect((await analyst.report(id))?.priority).toMatchObject({
      level,
      overriddenBy: { by: "Aiko", id: "local", reason: "the board is watching" },
      computed: { level: priority.level, respondWithin: priority.respondWithin },
    });
    await analyst.overridePriority(id, "P3", "it was a drill", by);
    expect((await analyst.report(id))?.priority).toMatchObject({
      level: "P3",
      respondWithin: "planned",
      computed: { level: priority.level },
    });
    await analyst.acknowledge(id, by);
    expect((await analyst.incident(id))?.acknowledgedBy).toMatchObject({ by: "Aiko", id: "local" });
    const events = (await store.audit.read(0, 100)).map(({ event }) => event);
    expect(events).toEqual([
      "investigation-start",
      "priority-override",
      "priority-override",
      "incident-acknowledge",
    ]);
    expect((await store.audit.verify()).kind).toBe("intact");
  }, 30_000);

  it("goes on with the run of a process that died, and leaves that of a living one alone", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "shodo-store-")), "shodo.db");
    const [dead, heir] = [await open(path), await open(path)];
    const id = "inc_cut";
    await dead.store.incidents.put(incidentOf(id, "investigating"));
    await dead.store.jobs.hold(`run:${id}`, "another machine/1/p", 60_000);
    await heir.analyst.resume(id, "ja");
    expect((await heir.analyst.incident(id))?.state).toBe("investigating");
    expect(await heir.analyst.steps(id, 0)).toEqual([]);
    await dead.store.jobs.letGo(`run:${id}`, "another machine/1/p");
    await heir.analyst.resume(id, "ja");
    await until(async () => (await heir.analyst.incident(id))?.state === "reported");
    expect((await heir.analyst.report(id))?.language).toBe("ja");
  }, 60_000);

  it("refuses what does not exist in one sentence", async () => {
    const { analyst } = await open();
    const by = localPrincipal;
    expect(await analyst.acknowledge("inc_none", by)).toMatchObject({ kind: "refused" });
    expect(await analyst.cancel("inc_none", by)).toMatchObject({ kind: "refused" });
    const scope = {
      principal: by,
      incident: null,
      window: null,
      signal: AbortSignal.timeout(9000),
    };
    expect(await analyst.call("no_tool", {}, scope)).toMatchObject({ reason: "unknown-tool" });
    expect(await analyst.call("find_anomalies", { limit: 0 }, scope)).toMatchObject({
      reason: "invalid-input",
    });
    await expect(analyst.investigate(request({ capture: null }))).rejects.toThrowError(
      "No telemetry source is configured.",
    );
  });
});
