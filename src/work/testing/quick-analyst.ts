import type { Analyst } from "../../core/analyst.ts";
import type { Clock } from "../../core/clock.ts";
import type { InvestigationRequest } from "../../core/investigation-request.ts";
import type { Report } from "../../core/report.ts";
import type { Store } from "../../core/store.ts";
import { sampleReport, sampleStep } from "../../store/testing/samples.ts";

type Quick = Pick<
  Analyst,
  "subscribe" | "incident" | "incidents" | "report" | "steps" | "investigate"
>;

export interface QuickAnalystOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Runs between the steps; throw to fail, wait to take long. */
  readonly work?: (incident: string, signal: AbortSignal | undefined) => Promise<void>;
  readonly steps?: number;
}

/**
 * An analyst that concludes at once, over a real store: same states, steps and report as the real
 * one writes, and it goes on after the last recorded step.
 */
export function quickAnalyst(options: QuickAnalystOptions): Analyst {
  const { store, clock, work = async () => {}, steps = 5 } = options;
  const change = (id: string, part: object) =>
    store.incidents.update(id, (before) => ({ ...before, ...part, updatedAt: clock.now() }));
  const investigate = async (
    request: InvestigationRequest,
    signal?: AbortSignal,
  ): Promise<Report> => {
    const id = request.incident ?? "";
    const incident = await store.incidents.get(id);
    if (!incident) throw new Error(`there is no incident ${id}`);
    const known = await store.reports.get(id);
    if (known && incident.state === "reported") return known;
    const investigation = incident.investigation ?? `inv_${id}`;
    await change(id, { investigation, state: "investigating" });
    const recorded = await store.steps.read(investigation, 0);
    for (let number = recorded.length + 1; number <= steps; number += 1) {
      await work(id, signal);
      await store.steps.append(investigation, [sampleStep(number, `step ${number}`)]);
    }
    const report = sampleReport(`rep_${id}`, { title: incident.title });
    await store.reports.put(id, investigation, report);
    const { conclusion, summary, priority } = report;
    await change(id, { state: "reported", conclusion, summary, priority });
    return report;
  };
  const quick: Quick = {
    investigate,
    subscribe: () => () => {},
    incident: (id) => store.incidents.get(id),
    incidents: (filter) => store.incidents.list(filter),
    report: (id) => store.reports.get(id),
    steps: async (id, after) => {
      const incident = await store.incidents.get(id);
      return incident?.investigation ? store.steps.read(incident.investigation, after) : [];
    },
  };
  return quick as Analyst;
}
