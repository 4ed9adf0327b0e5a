import { setTimeout as pause } from "node:timers/promises";
import { metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { transaction } from "../../lib/db.ts";
import { log } from "../../lib/log.ts";
import { confirm, type Job } from "./confirm.ts";

const batchJobs = 10;
const idleMs = 1_000;

const jobs = metrics.getMeter("shop.worker").createCounter("jobs.processed", { unit: "{job}" });
const sent = metrics
  .getMeter("shop.business")
  .createCounter("confirmations.sent", { unit: "{mail}" });
jobs.add(0, { outcome: "done" });
jobs.add(0, { outcome: "failed" });
sent.add(0);

/** Takes jobs oldest first, a batch per transaction, until stopped. */
export async function work(stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const done = await tracedBatch();
    if (done < batchJobs) await pause(idleMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

function tracedBatch(): Promise<number> {
  const tracer = trace.getTracer("shop.worker");
  return tracer.startActiveSpan("jobs batch", { kind: SpanKind.CONSUMER }, async (span) => {
    try {
      const done = await batch();
      span.setAttribute("jobs.done", done);
      return done;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      log.error(`batch rolled back: ${message}`);
      jobs.add(1, { outcome: "failed" });
      return 0;
    } finally {
      span.end();
    }
  });
}

async function batch(): Promise<number> {
  const done = await transaction(async (client) => {
    const { rows } = await client.query<Job>(
      `SELECT id, kind, payload FROM jobs WHERE status = 'waiting'
        ORDER BY id LIMIT ${batchJobs} FOR UPDATE SKIP LOCKED`,
    );
    for (const job of rows) confirm(job);
    if (rows.length > 0) {
      const ids = rows.map((job) => job.id);
      await client.query("UPDATE jobs SET status = 'done' WHERE id = ANY($1)", [ids]);
    }
    return rows.length;
  });
  jobs.add(done, { outcome: "done" });
  sent.add(done);
  return done;
}
