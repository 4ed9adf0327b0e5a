import type { Ids } from "../core/ids.ts";
import type { Job, JobState, JobStore, LeaseRequest, NewJob } from "../core/job.ts";
import {
  type Engine,
  fromJson,
  marks,
  number,
  numberOrNull,
  type Row,
  text,
  textOrNull,
} from "./engine.ts";

const listMax = 1_000;
const errorCharsMax = 2_000;
/**
 * A time further ahead than this, and than a lease lasts, was written by a clock that was wrong:
 * the longest back-off is shorter. Such a job is due, and such a lease is over; else a clock that
 * was two hours ahead would hold work for two hours.
 */
const aheadMaxMs = 15 * 60_000;
/**
 * Deaths of a worker that a job survives without waiting: a machine that is restarted takes down
 * what runs on it, which is no fault of the job. After that the wait doubles, so that a job that
 * does take its workers down leaves them time for other work, and a service that dies every second
 * does not use up a job's attempts within a minute.
 */
const deathsAtOnce = 3;
const deathWaitFirstMs = 2_000;
const deathWaitMaxMs = 10 * 60_000;
/** Times a lease is tried anew after another worker took a job of the same incident first. */
const raceRetries = 5;

/** `clock` must be the database's own when several machines share it; see `postgres.ts`. */
export function jobStore(engine: Engine, clock: () => Promise<number>, ids: Ids): JobStore {
  return {
    enqueue: async (job) => {
      const now = await clock();
      return engine.transaction({ durable: true }, (inside) => insertJob(inside, ids, job, now));
    },
    lease: async (request) => {
      for (let attempt = 0; attempt < raceRetries; attempt += 1) {
        try {
          return await leaseOne(engine, request, await clock());
        } catch (fault) {
          if (!engine.isUniqueFault(fault)) throw fault;
        }
      }
      return null;
    },
    renew: async (id, worker, leaseMs) =>
      (await engine.run(
        "UPDATE jobs SET lease_until = ? WHERE id = ? AND state = 'leased' AND leased_by = ?",
        [(await clock()) + leaseMs, id, worker],
      )) > 0,
    progress: async (id, worker) =>
      (await engine.run(
        `UPDATE jobs SET attempts = 1, run_at = created_at
         WHERE id = ? AND state = 'leased' AND leased_by = ?`,
        [id, worker],
      )) > 0,
    finish: (id, worker) =>
      engine.transaction({ durable: true }, async (inside) => {
        const written = await inside.run(
          `UPDATE jobs SET state = 'done', leased_by = NULL, lease_until = NULL, last_error = NULL
           WHERE id = ? AND state = 'leased' AND leased_by = ?`,
          [id, worker],
        );
        return written > 0;
      }),
    fail: (id, worker, error, retryAt) =>
      engine.transaction({ durable: true }, (inside) =>
        failJob(inside, { id, worker, error, retryAt }),
      ),
    release: async (id, worker) =>
      (await engine.run(
        `UPDATE jobs SET state = 'ready', attempts = attempts - 1, run_at = created_at,
           leased_by = NULL, lease_until = NULL
         WHERE id = ? AND state = 'leased' AND leased_by = ?`,
        [id, worker],
      )) > 0,
    get: async (id) => {
      const [row] = await engine.all("SELECT * FROM jobs WHERE id = ?", [id]);
      return row ? toJob(row) : null;
    },
    list: async (state, limit) => {
      const rows = await engine.all(
        "SELECT * FROM jobs WHERE state = ? ORDER BY priority, created_at, id LIMIT ?",
        [state, Math.min(limit, listMax)],
      );
      return rows.map(toJob);
    },
    revive: async (id) =>
      (await engine.run(
        `UPDATE jobs SET state = 'ready', attempts = 0, run_at = ?
         WHERE id = ? AND state = 'dead'`,
        [await clock(), id],
      )) > 0,
    counts: async () => {
      const rows = await engine.all(
        "SELECT kind, state, COUNT(*) AS count FROM jobs GROUP BY kind, state ORDER BY kind, state",
      );
      return rows.map((row) => ({
        kind: text(row, "kind"),
        state: text(row, "state") as JobState,
        count: number(row, "count"),
      }));
    },
    ...ceilings(engine, clock),
  };
}

function ceilings(
  engine: Engine,
  clock: () => Promise<number>,
): Pick<JobStore, "spend" | "spentSince" | "hold" | "letGo" | "owners" | "abandon"> {
  return {
    spend: async (kind, costUsd) => {
      await engine.run("INSERT INTO spend (at, kind, cost_usd) VALUES (?, ?, ?)", [
        await clock(),
        kind,
        costUsd,
      ]);
    },
    spentSince: async (at) => {
      const rows = await engine.all(
        `SELECT kind, COUNT(*) AS runs, SUM(cost_usd) AS cost FROM spend
         WHERE at >= ? GROUP BY kind ORDER BY kind`,
        [at],
      );
      return rows.map((row) => ({
        kind: text(row, "kind"),
        runs: number(row, "runs"),
        costUsd: number(row, "cost"),
      }));
    },
    hold: async (name, owner, ttlMs) => {
      const now = await clock();
      const written = await engine.run(
        `INSERT INTO leases (name, owner, until) VALUES (?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
         WHERE leases.owner = excluded.owner OR leases.until <= ? OR leases.until > ?`,
        [name, owner, now + ttlMs, now, now + ttlMs + aheadMaxMs],
      );
      return written > 0;
    },
    letGo: async (name, owner) => {
      await engine.run("DELETE FROM leases WHERE name = ? AND owner = ?", [name, owner]);
    },
    owners: async () => {
      const rows = await engine.all(
        `SELECT owner FROM leases UNION
         SELECT leased_by AS owner FROM jobs WHERE state = 'leased'`,
      );
      return rows.map((row) => text(row, "owner"));
    },
    abandon: (owner) =>
      engine.transaction({ durable: false }, async (inside) => {
        await inside.run("DELETE FROM leases WHERE owner = ?", [owner]);
        await inside.run(
          "UPDATE jobs SET lease_until = 0 WHERE state = 'leased' AND leased_by = ?",
          [owner],
        );
      }),
  };
}

/** Writes a job unless its key exists. Within a transaction of the caller's. */
export async function insertJob(
  engine: Engine,
  ids: Ids,
  job: NewJob,
  now: number,
): Promise<"queued" | "already"> {
  const written = await engine.run(
    `INSERT INTO jobs (id, kind, key, exclusive, priority, payload, state, attempts,
       attempts_max, run_at, created_at)
     VALUES (?, ?, ?, ?, ?, ?, 'ready', 0, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
    [
      ids.next("job"),
      job.kind,
      job.key,
      job.exclusive,
      job.priority,
      JSON.stringify(job.payload ?? null),
      job.attemptsMax,
      job.runAt,
      now,
    ],
  );
  return written > 0 ? "queued" : "already";
}

/**
 * The unique index on `exclusive` decides between two workers that reach for jobs of the same
 * incident at once; Postgres skips rows that another worker has under its hand.
 */
function leaseOne(engine: Engine, request: LeaseRequest, now: number): Promise<Job | null> {
  if (request.kinds.length === 0) return Promise.resolve(null);
  return engine.transaction({ durable: false }, async (inside) => {
    await inside.run(
      `UPDATE jobs SET state = 'dead', leased_by = NULL, lease_until = NULL,
         last_error = COALESCE(last_error, 'the worker died while it ran, each time')
       WHERE state = 'leased' AND lease_until <= ? AND attempts >= attempts_max`,
      [now],
    );
    await inside.run(
      `UPDATE jobs SET state = 'ready', leased_by = NULL, lease_until = NULL
       WHERE state = 'leased' AND (lease_until <= ? OR lease_until > ?)`,
      [now, now + request.leaseMs + aheadMaxMs],
    );
    const skip = inside.dialect === "postgres" ? "FOR UPDATE OF j SKIP LOCKED" : "";
    const [row] = await inside.all(
      `SELECT j.* FROM jobs j
       WHERE j.kind IN (${marks(request.kinds.length)})
         AND j.state = 'ready' AND (j.run_at <= ? OR j.run_at > ?) AND NOT EXISTS (
           SELECT 1 FROM jobs o WHERE o.state = 'leased' AND o.exclusive = j.exclusive)
       ORDER BY j.priority, j.run_at, j.id LIMIT 1 ${skip}`,
      [...request.kinds, now, now + aheadMaxMs],
    );
    if (!row) return null;
    const waitMs = waitAfterDeathMs(number(row, "attempts") + 1);
    const [leased] = await inside.all(
      `UPDATE jobs SET state = 'leased', attempts = attempts + 1, leased_by = ?, lease_until = ?,
         run_at = ?
       WHERE id = ? RETURNING *`,
      [
        request.worker,
        now + request.leaseMs,
        waitMs > 0 ? now + waitMs : number(row, "run_at"),
        text(row, "id"),
      ],
    );
    return leased ? toJob(leased) : null;
  });
}

/** How long a job waits when its worker dies in this attempt. */
function waitAfterDeathMs(attempt: number): number {
  if (attempt <= deathsAtOnce) return 0;
  return Math.min(deathWaitFirstMs * 2 ** (attempt - deathsAtOnce - 1), deathWaitMaxMs);
}

async function failJob(
  engine: Engine,
  failure: { id: string; worker: string; error: string; retryAt: number | null },
): Promise<"retry" | "dead" | "lost"> {
  const [row] = await engine.all(
    "SELECT * FROM jobs WHERE id = ? AND state = 'leased' AND leased_by = ?",
    [failure.id, failure.worker],
  );
  if (!row) return "lost";
  const job = toJob(row);
  const isDead = failure.retryAt === null || job.attempts >= job.attemptsMax;
  await engine.run(
    `UPDATE jobs SET state = ?, run_at = ?, leased_by = NULL, lease_until = NULL, last_error = ?
     WHERE id = ?`,
    [
      isDead ? "dead" : "ready",
      failure.retryAt ?? job.runAt,
      failure.error.slice(0, errorCharsMax),
      failure.id,
    ],
  );
  return isDead ? "dead" : "retry";
}

function toJob(row: Row): Job {
  return {
    id: text(row, "id"),
    kind: text(row, "kind"),
    key: text(row, "key"),
    exclusive: textOrNull(row, "exclusive"),
    priority: number(row, "priority"),
    payload: fromJson<unknown>(row, "payload"),
    state: text(row, "state") as JobState,
    attempts: number(row, "attempts"),
    attemptsMax: number(row, "attempts_max"),
    runAt: number(row, "run_at"),
    leasedBy: textOrNull(row, "leased_by"),
    leaseUntil: numberOrNull(row, "lease_until"),
    lastError: textOrNull(row, "last_error"),
    createdAt: number(row, "created_at"),
  };
}
