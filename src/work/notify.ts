import { z } from "zod";
import type { Analyst } from "../core/analyst.ts";
import type { Clock } from "../core/clock.ts";
import type { JobStore, NewJob } from "../core/job.ts";
import type { Note, Notifier } from "../core/notifier.ts";
import type { JobHandler } from "./handler.ts";

/** With the back-off of the worker this is about a day of trying. */
const attemptsMax = 150;
const payloadSchema = z.object({
  notifier: z.string(),
  what: z.enum(["headline", "report"]),
  incident: z.string(),
});

/** One job per place, so that one that is down holds up no other. */
export function notifyJobs(
  notifiers: readonly string[],
  what: Note["what"],
  incident: string,
  key: string,
  now: number,
): NewJob[] {
  return notifiers.map((notifier) => ({
    kind: "notify",
    key: `notify:${notifier}:${what}:${key}`,
    exclusive: `notify:${notifier}:${incident}`,
    priority: what === "headline" ? 0 : 1,
    payload: { notifier, what, incident },
    attemptsMax,
    runAt: now,
  }));
}

/** A new incident: tells every place that is set up. */
export function announceHandler(parts: {
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly notifiers: readonly string[];
}): JobHandler {
  return {
    kind: "announce",
    isMetered: false,
    run: async (job) => {
      const { incident } = z.object({ incident: z.string() }).parse(job.payload);
      const now = parts.clock.now();
      for (const item of notifyJobs(parts.notifiers, "headline", incident, incident, now)) {
        await parts.jobs.enqueue(item);
      }
      return { kind: "done" };
    },
  };
}

/** Delivers one note to one place. */
export function notifyHandler(parts: {
  readonly analyst: Pick<Analyst, "incident" | "report">;
  readonly notifiers: readonly Notifier[];
}): JobHandler {
  return {
    kind: "notify",
    isMetered: false,
    run: async (job, signal) => {
      const { notifier, what, incident: id } = payloadSchema.parse(job.payload);
      const place = parts.notifiers.find((item) => item.name === notifier);
      if (!place) return { kind: "give-up", error: `"${notifier}" is not set up any more` };
      const incident = await parts.analyst.incident(id);
      if (!incident) return { kind: "done" };
      const report = what === "report" ? await parts.analyst.report(id) : null;
      if (what === "report" && !report) return { kind: "done" };
      await place.deliver({ key: job.key, what, incident, report }, signal);
      return { kind: "done" };
    },
  };
}
