import { z } from "zod";
import type { Analyst } from "../core/analyst.ts";
import type { Clock } from "../core/clock.ts";
import type { Incident } from "../core/incident.ts";
import { requestOf } from "../core/investigation-request.ts";
import type { JobStore } from "../core/job.ts";
import type { Language } from "../core/language.ts";
import type { JobHandler } from "./handler.ts";
import { notifyJobs } from "./notify.ts";

const payloadSchema = z.object({ incident: z.string() });

export interface InvestigateParts {
  readonly analyst: Analyst;
  readonly jobs: JobStore;
  readonly clock: Clock;
  /** Names of the places that hear of the report. */
  readonly notifiers: readonly string[];
  /**
   * Language of the place that the report will be posted to; null leaves it to the installation.
   */
  readonly languageFor?: (incident: Incident) => Language | null;
  /** Closes the record of an incident whose investigation was given up. */
  readonly giveUp?: (incident: string, why: string) => Promise<void>;
  /** Folder that stands in for live telemetry, for practice. */
  readonly capture?: string | null;
}

/** Investigates the incident of a job. Run again after a crash, it goes on where the steps end. */
export function investigateHandler(parts: InvestigateParts): JobHandler {
  const { analyst, jobs, clock, notifiers } = parts;
  return {
    kind: "investigate",
    isMetered: true,
    dead: async (job) => {
      const { incident } = payloadSchema.parse(job.payload);
      await parts.giveUp?.(
        incident,
        `Given up after ${job.attempts} attempts: ${job.lastError ?? ""}`,
      );
    },
    run: async (job, signal, progress) => {
      const { incident: id } = payloadSchema.parse(job.payload);
      const incident = await analyst.incident(id);
      // Forgotten, merged or cancelled meanwhile: nothing is left to do.
      if (!incident || incident.mergedInto || incident.state === "cancelled")
        return { kind: "done" };
      const language = parts.languageFor?.(incident) ?? null;
      const capture = parts.capture ?? incident.capture ?? null;
      const request = requestOf(incident, { language, capture });
      const unsubscribe = analyst.subscribe(id, (event) => {
        if (event.kind === "step" && event.step.kind === "tool-result") progress?.();
      });
      const report = await analyst.investigate(request, signal).finally(unsubscribe);
      const done = await analyst.incident(id);
      const key = `${id}:${done?.investigation ?? report.id}`;
      for (const item of notifyJobs(notifiers, "report", id, key, clock.now())) {
        await jobs.enqueue(item);
      }
      return { kind: "done", costUsd: report.usage.costUsd };
    },
  };
}
