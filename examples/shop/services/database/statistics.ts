import { metrics } from "@opentelemetry/api";
import { query } from "../../lib/db.ts";

interface Statistics {
  backends: number;
  commits: number;
  sequential_scans: number;
  sequential_rows: number;
  index_scans: number;
}

/** What a Postgres exporter sends: from the statistics views, at each export. */
export function exportStatistics(): void {
  const meter = metrics.getMeter("postgres.exporter");
  const backends = meter.createObservableGauge("postgresql.backends", { unit: "1" });
  const commits = meter.createObservableCounter("postgresql.commits", { unit: "1" });
  const scans = meter.createObservableCounter("postgresql.sequential_scans", { unit: "1" });
  const rows = meter.createObservableCounter("postgresql.sequential_rows_read", { unit: "1" });
  const index = meter.createObservableCounter("postgresql.index_scans", { unit: "1" });
  meter.addBatchObservableCallback(
    async (result) => {
      await query("SELECT pg_stat_force_next_flush()");
      const [now] = await query<Statistics>(
        `SELECT numbackends::int AS backends, xact_commit::float AS commits, t.*
           FROM pg_stat_database d, (
             SELECT sum(seq_scan)::float AS sequential_scans, sum(idx_scan)::float AS index_scans,
                    sum(seq_tup_read)::float AS sequential_rows FROM pg_stat_user_tables) t
          WHERE datname = current_database()`,
      );
      if (!now) return;
      result.observe(backends, now.backends);
      result.observe(commits, now.commits);
      result.observe(scans, now.sequential_scans);
      result.observe(rows, now.sequential_rows);
      result.observe(index, now.index_scans);
    },
    [backends, commits, scans, rows, index],
  );
}
