import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Alarm } from "../../core/alarm.ts";
import type { IncidentEvent } from "../../core/analyst.ts";
import type { IncidentAlarm } from "../../core/incident.ts";
import { type InvestigationRequest, requestBy } from "../../core/investigation-request.ts";
import { localPrincipal } from "../../core/principal.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { demoIncidents } from "../demo-incidents.ts";
import { type OpenedAnalyst, openAnalyst } from "../open-analyst.ts";

const ids = randomIds(systemClock);
const capture = demoIncidents()[0]?.folder ?? "";

const request: InvestigationRequest = requestBy(localPrincipal, {
  capture,
});

function late(name: string, more: Partial<Alarm> = {}): IncidentAlarm {
  const at = Date.UTC(2026, 10, 21, 8, 40);
  const alarm: Alarm = {
    ...{ fingerprint: name, sender: "webhook", name, service: "web", resource: null },
    ...{ metric: null, threshold: 0.9, observed: 0.5, severity: null, state: "firing" },
    ...{ firedAt: at, summary: "success rate of \u001b[31mweb\u200b is low", labels: {} },
    ...{ link: "https://example.com/alarm", raw: null },
    ...more,
  };
  return { alarm, count: 1, firstAt: at, lastAt: at, reasons: ["web calls payment"] };
}

describe("two processes that share a store", () => {
  let folder = "";
  let one: OpenedAnalyst;
  let two: OpenedAnalyst;
  const open = () =>
    openAnalyst({
      ...{ configFile: undefined, model: "builtin", clock: systemClock, ids },
      storePath: join(folder, "shodo.db"),
    });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "shodo-two-"));
    [one, two] = [await open(), await open()];
    await two.analyst.look();
  });
  afterEach(async () => {
    await one.close();
    await two.close();
    rmSync(folder, { recursive: true });
  });

  /** Calls `then` once, at the first result of a tool that the first process has. */
  function atFirstResult(then: (incident: string) => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = one.analyst.subscribe("all", (event) => {
        if (event.kind !== "step" || event.step.kind !== "tool-result") return;
        stop();
        then(event.incident).then(resolve, reject);
      });
    });
  }

  it("tell of each other's work: every step once, then the incident, then the report", async () => {
    const heard: IncidentEvent[] = [];
    two.analyst.subscribe("all", (event) => heard.push(event));
    const middle = atFirstResult(() => two.analyst.look());
    const report = await one.analyst.investigate(request);
    await middle;
    const early = heard.filter((event) => event.kind === "step").length;
    await two.analyst.look();
    const steps = heard.flatMap((event) => (event.kind === "step" ? event.step.number : []));
    const all = await one.analyst.steps(report.id, 0);
    expect(early).toBeGreaterThan(0);
    expect(early).toBeLessThan(all.length);
    expect(steps).toEqual(all.map((step) => step.number));
    expect(heard.at(-2)).toMatchObject({ kind: "changed", incident: { state: "reported" } });
    expect(heard.at(-1)).toEqual({ kind: "report", incident: report.id, report });
    const before = heard.length;
    await two.analyst.look();
    expect(heard).toHaveLength(before);
  }, 30_000);

  it("do not hear their own work a second time", async () => {
    await one.analyst.look();
    const heard: IncidentEvent[] = [];
    one.analyst.subscribe("all", (event) => heard.push(event));
    await one.analyst.investigate(request);
    const before = heard.length;
    await one.analyst.look();
    expect(heard).toHaveLength(before);
  }, 30_000);

  it("stop an investigation that runs in the other one, which still gives a partial report", async () => {
    await one.analyst.look();
    const stopped = atFirstResult(async (id) => {
      expect(await two.analyst.cancel(id, localPrincipal)).toEqual({ kind: "done" });
      await one.analyst.look();
    });
    const report = await one.analyst.investigate(request);
    await stopped;
    expect(report.status).toBe("partial");
    expect(report.usage.stoppedBy).toBe("stopped on request");
    expect(await two.analyst.incident(report.id)).toMatchObject({ state: "cancelled" });
    const [entry] = (await two.store.audit.read(0, 100)).filter(
      (record) => record.event === "investigation-cancel",
    );
    expect(entry).toMatchObject({ incident: report.id, by: "local" });
  }, 30_000);

  it("close the record of an investigation whose process is gone", async () => {
    const { id } = await one.analyst.start(request);
    await one.analyst.handOver();
    await one.store.incidents.update(id, (before) => ({ ...before, state: "investigating" }));
    expect(await two.analyst.cancel(id, localPrincipal)).toEqual({ kind: "done" });
    expect(await two.analyst.incident(id)).toMatchObject({ state: "cancelled" });
    expect((await two.analyst.cancel(id, localPrincipal)).kind).toBe("refused");
  }, 30_000);

  it("never run the same investigation at once", async () => {
    const { id } = await one.analyst.start(request);
    await one.analyst.handOver();
    const again = { ...request, incident: id };
    const lease = `run:${id}`;
    await one.store.jobs.hold(lease, "another", 60_000);
    await expect(two.analyst.investigate(again)).rejects.toThrow(/another process runs this/i);
    expect(await two.analyst.incident(id)).not.toMatchObject({ state: "failed" });
    await one.store.jobs.letGo(lease, "another");
    expect((await two.analyst.investigate(again)).status).toBe("complete");
  }, 30_000);

  it("leave a run to the other one, which goes on after its last step", async () => {
    const { id } = await one.analyst.start(request);
    await atFirstResult(async () => {});
    await one.analyst.handOver();
    const left = await two.analyst.steps(id, 0);
    expect(left.at(-1)?.kind).not.toBe("final");
    const report = await two.analyst.investigate({ ...request, incident: id });
    const steps = await two.analyst.steps(id, 0);
    expect(steps.slice(0, left.length)).toEqual(left);
    expect(steps.map((step) => step.number)).toEqual(steps.map((_, i) => i + 1));
    expect(report.status).toBe("complete");
  }, 30_000);

  it("give an alarm that joins late to the run, wherever that is, as evidence of its own", async () => {
    const joined = atFirstResult(async (id) => {
      const add = (item: IncidentAlarm) =>
        two.store.incidents.update(id, (before) => ({
          ...before,
          alarms: [...before.alarms.filter((a) => a.alarm.fingerprint !== "x"), item],
        }));
      await add(late("x"));
      await one.analyst.look();
      // The same alarm again only counts.
      await add({ ...late("x"), count: 7 });
      await one.analyst.look();
    });
    const report = await one.analyst.investigate(request);
    await joined;
    const steps = await one.analyst.steps(report.id, 0);
    expect(steps.filter((step) => step.kind === "alarm-joined")).toMatchObject([
      { fingerprint: "x", name: "x" },
    ]);
    const found = report.evidence.filter((item) => item.provenance[0]?.signal === "alarms");
    expect(found).toMatchObject([
      {
        kind: "alarm",
        service: "web",
        statement: 'Alarm "x" of web fired 2026-11-21T08:40:00Z and belongs to this incident',
        quote: "success rate of web is low",
        value: 0.5,
        baseline: 0.9,
        provenance: [
          {
            source: "webhook",
            query: "alarm x: web calls payment",
            rows: 1,
            link: "https://example.com/alarm",
          },
        ],
      },
    ]);
    expect(report.timeline).toContainEqual({
      at: "2026-11-21T08:40:00Z",
      kind: "alarm",
      text: "Alarm joins: x (web)",
      evidence: [found[0]?.id],
    });
    expect(report.status).toBe("complete");
  }, 30_000);
});
