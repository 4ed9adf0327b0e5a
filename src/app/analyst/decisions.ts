import type { CallOutcome, RunbookDecision } from "../../core/analyst.ts";
import type { Clock } from "../../core/clock.ts";
import type { Incident } from "../../core/incident.ts";
import type { Principal } from "../../core/principal.ts";
import { type PriorityLevel, type PrioritySettings, withOverride } from "../../core/priority.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { AuditEntry, Store } from "../../core/store.ts";

export interface DecisionsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly runbooks: readonly Runbook[];
  readonly respondWithin: PrioritySettings["respondWithin"];
  /** Changes an incident and tells whoever watches; null when there is none. */
  readonly change: (
    id: string,
    change: (incident: Incident) => Incident,
  ) => Promise<Incident | null>;
}

/** What people decide about an incident. Each decision is kept and stands in the audit log. */
export class Decisions {
  readonly #options: DecisionsOptions;

  constructor(options: DecisionsOptions) {
    this.#options = options;
  }

  async acknowledge(id: string, by: Principal): Promise<CallOutcome> {
    const acknowledgedBy = { by: by.name, id: by.id, at: this.#options.clock.now() };
    const changed = await this.#options.change(id, (before) => ({ ...before, acknowledgedBy }));
    if (!changed) return noIncident(id);
    await this.audit("incident-acknowledge", by, id, {});
    return { kind: "done" };
  }

  /** The computed level stays beside the person's, in the report and in the audit log. */
  async overridePriority(
    id: string,
    { level, reason, by }: { level: PriorityLevel; reason: string; by: Principal },
  ): Promise<CallOutcome> {
    if (!reason.trim()) return refused("A priority is changed with a reason: say why.");
    const { store, clock, change } = this.#options;
    const at = new Date(clock.now()).toISOString();
    const override = { level, by: by.name, id: by.id, at, reason };
    const changed = await change(id, (before) => ({ ...before, override }));
    if (!changed) return noIncident(id);
    const report = await store.reports.get(id);
    if (report && changed.investigation) {
      const priority = withOverride(report.priority, override, this.#options.respondWithin);
      await store.reports.put(id, changed.investigation, { ...report, priority });
    }
    const computed = report?.priority.computed?.level ?? report?.priority.level ?? null;
    await this.audit("priority-override", by, id, { level, computed, reason });
    return { kind: "done" };
  }

  async decide(decision: RunbookDecision): Promise<CallOutcome> {
    const { incident, runbook, action, verdict, reason, by } = decision;
    const known = this.#options.runbooks.find((each) => each.name === runbook);
    if (!known?.actions.some((each) => each.name === action)) {
      return refused(`Runbook "${runbook}" has no action "${action}".`);
    }
    if (!(await this.#options.store.incidents.get(incident))) return noIncident(incident);
    await this.audit("runbook-decide", by, incident, { runbook, action, verdict, reason });
    return { kind: "done" };
  }

  async feedback(
    incident: string,
    given: { verdict: "helpful" | "not-helpful"; reason: string | null; by: Principal },
  ): Promise<CallOutcome> {
    const { store, clock } = this.#options;
    if (!(await store.incidents.get(incident))) return noIncident(incident);
    await store.feedback.add({ incident, ...given, at: clock.now() });
    return { kind: "done" };
  }

  audit(
    event: string,
    by: Principal,
    incident: string | null,
    detail: AuditEntry["detail"],
  ): Promise<void> {
    const at = this.#options.clock.now();
    return this.#options.store.audit.append({ at, event, by: by.id, incident, detail });
  }
}

function refused(message: string): CallOutcome {
  return { kind: "refused", message };
}

function noIncident(id: string): CallOutcome {
  return refused(`There is no incident ${id}.`);
}
