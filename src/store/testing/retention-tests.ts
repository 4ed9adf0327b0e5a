import { expect, it } from "vitest";
import { emptyRound } from "../../core/intake.ts";
import type { Principal } from "../../core/principal.ts";
import { sampleAlarm, sampleIncident, sampleJob, sampleReport, sampleStep } from "./samples.ts";
import { type SuiteContext, suiteStart } from "./suite-context.ts";

const hour = 3_600_000;
const mari: Principal = { id: "U_MARI%", name: "Mari Sato", role: "responder", door: "slack" };

/** What must be gone after retention and forgetting, and what must stay. */
export function retentionTests({ store, clock }: SuiteContext): void {
  const everythingBefore = (at: number) => ({
    stepsBefore: at,
    blobsBefore: at,
    alarmBodiesBefore: at,
    quarantineBefore: at,
    jobsBefore: at,
  });
  const settle = async (incident: string) => {
    const waiting = await store().alarms.pending(10);
    await store().jobs.hold("grouping", "me", hour);
    await store().alarms.commit("me", {
      ...emptyRound(),
      settlements: waiting.map(({ number }) => ({
        number,
        disposition: "joined" as const,
        group: "g",
        incident,
        reasons: ["why"],
      })),
      groups: [{ id: "g", incident, state: "open", updatedAt: clock.now(), body: {} }],
    });
  };
  const fill = async () => {
    const run = { investigation: "run_1", openedBy: mari };
    await store().incidents.put(sampleIncident("inc_1", run));
    await store().steps.append("run_1", [sampleStep(1, "a"), sampleStep(2, "b")]);
    await store().blobs.put("h", "run_1", "text/plain", new Uint8Array([1]));
    await store().reports.put("inc_1", "run_1", sampleReport("rep_1"));
    await store().alarms.accept([{ delivery: "d", alarm: sampleAlarm("a") }]);
    await settle("inc_1");
    await store().alarms.accept([{ delivery: "e", alarm: sampleAlarm("b") }]);
    await store().jobs.enqueue(sampleJob("k", { exclusive: "inc_1", payload: { by: mari } }));
    await store().face.put(`thread:inc_1:${mari.id}`, 1);
    await store().incidents.claim("key", "inc_1");
    const helpful = { verdict: "helpful", reason: "good", at: 1 } as const;
    await store().feedback.add({ incident: "inc_1", by: mari, ...helpful });
    const asked = { at: 1, event: "investigation-start", incident: "inc_1", detail: {} };
    await store().audit.append({ ...asked, by: mari.id });
  };

  it("lets steps, evidence and what senders wrote expire, and keeps reports", async () => {
    await fill();
    expect(await store().retention.expire(everythingBefore(suiteStart))).toMatchObject({
      steps: 0,
    });
    const gone = await store().retention.expire(everythingBefore(clock.now() + hour));
    expect(gone).toMatchObject({ steps: 2, blobs: 1, alarmBodies: 1, jobs: 0 });
    expect(await store().steps.read("run_1", 0)).toEqual([]);
    expect(await store().blobs.get("h")).toBeNull();
    expect(await store().reports.get("inc_1")).not.toBeNull();
    expect(await store().alarms.pending(10)).toHaveLength(1);
    expect(await store().alarms.counts()).toMatchObject({ joined: 1, pending: 1 });
  });

  it("forgets an incident whole, and still accounts for its alarms", async () => {
    await fill();
    const gone = await store().retention.forgetIncident("inc_1");
    expect(gone).toMatchObject({ incidents: 1, reports: 1, steps: 2, alarms: 1, claims: 1 });
    expect(await store().incidents.get("inc_1")).toBeNull();
    expect(await store().reports.get("inc_1")).toBeNull();
    expect(await store().face.list("thread:")).toEqual([]);
    expect(await store().alarms.counts()).toMatchObject({ erased: 1, pending: 1 });
    expect(await store().audit.verify()).toMatchObject({ kind: "intact", entries: 1 });
    expect(await store().incidents.claim("key", "inc_2")).toBeNull();
  });

  it("forgets a person everywhere without breaking the audit chain", async () => {
    await fill();
    await store().incidents.put(sampleIncident("inc_2"));
    const gone = await store().retention.forgetPerson(mari.id);
    expect(gone).toEqual({
      people: 1,
      faceState: 1,
      incidents: 1,
      reports: 0,
      feedback: 1,
      jobs: 1,
    });
    expect((await store().incidents.get("inc_1"))?.openedBy).toMatchObject({
      id: "forgotten",
      name: "forgotten",
      role: "responder",
    });
    expect((await store().feedback.list("inc_1"))[0]?.by.name).toBe("forgotten");
    expect((await store().audit.read(0, 5))[0]?.by).toBe("forgotten");
    expect(await store().audit.verify()).toMatchObject({ kind: "intact", entries: 1 });
  });
}
