import type { Clock } from "../core/clock.ts";
import type { Feedback } from "../core/incident.ts";
import type { Report } from "../core/report.ts";
import type { Step } from "../core/step.ts";
import type { BlobStore, FeedbackStore, ReportStore, StepStore } from "../core/store.ts";
import { bytes, type Engine, fromJson, text } from "./engine.ts";
import { linkInvestigation } from "./incident-store.ts";

/** Most steps that one read returns; a run has a few hundred at most. */
const stepsMax = 10_000;

/** Steps are only ever added, a batch whole or not at all; a number that is taken is refused. */
export function stepStore(engine: Engine): StepStore {
  return {
    append: (investigation, steps) =>
      engine.transaction({ durable: false }, async (inside) => {
        for (const step of steps) {
          await inside.run(
            "INSERT INTO steps (investigation, number, at, body) VALUES (?, ?, ?, ?)",
            [investigation, step.number, Math.round(step.at), JSON.stringify(step)],
          );
        }
      }),
    read: async (investigation, after) => {
      const rows = await engine.all(
        `SELECT body FROM steps WHERE investigation = ? AND number > ?
         ORDER BY number LIMIT ?`,
        [investigation, after, stepsMax],
      );
      return rows.map((row) => fromJson<Step>(row, "body"));
    },
  };
}

/** One report per investigation, the later write wins; `get` gives the incident's newest. */
export function reportStore(engine: Engine, clock: Clock): ReportStore {
  return {
    put: (incident, investigation, report) =>
      engine.transaction({ durable: true }, async (inside) => {
        await inside.run(
          `INSERT INTO reports (investigation, incident, at, body) VALUES (?, ?, ?, ?)
           ON CONFLICT (investigation) DO UPDATE SET at = excluded.at, body = excluded.body`,
          [investigation, incident, clock.now(), JSON.stringify(report)],
        );
        await linkInvestigation(inside, investigation, incident);
      }),
    get: async (incident) => {
      const [row] = await engine.all(
        `SELECT body FROM reports WHERE incident = ?
         ORDER BY at DESC, investigation DESC LIMIT 1`,
        [incident],
      );
      return row ? fromJson<Report>(row, "body") : null;
    },
  };
}

/** Bodies are held whole in memory, going in and coming out; the same handle is overwritten. */
export function blobStore(engine: Engine, clock: Clock): BlobStore {
  return {
    put: async (handle, investigation, contentType, body) => {
      await engine.run(
        `INSERT INTO blobs (handle, investigation, at, content_type, body)
         VALUES (?, ?, ?, ?, ?) ON CONFLICT (handle) DO UPDATE SET
           at = excluded.at, content_type = excluded.content_type, body = excluded.body`,
        [handle, investigation, clock.now(), contentType, body],
      );
    },
    get: async (handle) => {
      const [row] = await engine.all("SELECT content_type, body FROM blobs WHERE handle = ?", [
        handle,
      ]);
      return row ? { contentType: text(row, "content_type"), body: bytes(row, "body") } : null;
    },
  };
}

/** All that people said about an incident, in order; nothing replaces what was said before. */
export function feedbackStore(engine: Engine): FeedbackStore {
  return {
    add: async (feedback) => {
      await engine.run("INSERT INTO feedback (incident, person, body) VALUES (?, ?, ?)", [
        feedback.incident,
        feedback.by.id,
        JSON.stringify(feedback),
      ]);
    },
    list: async (incident) => {
      const rows = await engine.all(
        "SELECT body FROM feedback WHERE incident = ? ORDER BY number",
        [incident],
      );
      return rows.map((row) => fromJson<Feedback>(row, "body"));
    },
  };
}
