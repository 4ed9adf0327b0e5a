import { type Engine, number } from "./engine.ts";

/**
 * The tables, as steps that are only ever added to. A step runs once, in order, in a transaction;
 * a file written by a newer Shodo is refused rather than guessed at.
 */
const migrations: readonly ((dialect: Engine["dialect"]) => readonly string[])[] = [
  (dialect) => [...recordTables(dialect), ...intakeTables(dialect), ...jobTables()],
  appendOnlyTriggers,
  () => ["ALTER TABLE arrivals ADD COLUMN fingerprint TEXT NOT NULL DEFAULT ''"],
  () => [
    "ALTER TABLE incidents ADD COLUMN revision BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX incidents_by_revision ON incidents (revision)",
  ],
];

/** Brings the tables up to date. Several processes may call it at once. */
export async function migrate(engine: Engine): Promise<void> {
  await engine.transaction({ durable: true }, async (inside) => {
    await inside.lock("schema");
    await inside.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
    const [row] = await inside.all("SELECT MAX(version) AS version FROM schema_version");
    const version = row?.version == null ? 0 : number(row, "version");
    if (version > migrations.length) {
      throw new Error(
        `the store was written by a newer Shodo (schema ${version}, this one knows ${migrations.length})`,
      );
    }
    for (const [index, step] of migrations.entries()) {
      if (index < version) continue;
      for (const statement of step(inside.dialect)) await inside.run(statement);
      await inside.run("INSERT INTO schema_version (version) VALUES (?)", [index + 1]);
    }
  });
}

function recordTables(dialect: Engine["dialect"]): string[] {
  const blob = dialect === "sqlite" ? "BLOB" : "BYTEA";
  return [
    `CREATE TABLE incidents (
      id TEXT PRIMARY KEY, opened_at BIGINT NOT NULL, state TEXT NOT NULL, service TEXT,
      body TEXT NOT NULL)`,
    "CREATE INDEX incidents_by_time ON incidents (opened_at DESC, id DESC)",
    "CREATE TABLE claims (key TEXT PRIMARY KEY, incident TEXT NOT NULL)",
    "CREATE INDEX claims_by_incident ON claims (incident)",
    `CREATE TABLE investigations (
      id TEXT PRIMARY KEY, incident TEXT NOT NULL)`,
    "CREATE INDEX investigations_by_incident ON investigations (incident)",
    `CREATE TABLE steps (
      investigation TEXT NOT NULL, number BIGINT NOT NULL, at BIGINT NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (investigation, number))`,
    "CREATE INDEX steps_by_time ON steps (at)",
    `CREATE TABLE reports (
      investigation TEXT PRIMARY KEY, incident TEXT NOT NULL, at BIGINT NOT NULL,
      body TEXT NOT NULL)`,
    "CREATE INDEX reports_by_incident ON reports (incident, at)",
    `CREATE TABLE blobs (
      handle TEXT PRIMARY KEY, investigation TEXT NOT NULL, at BIGINT NOT NULL,
      content_type TEXT NOT NULL, body ${blob} NOT NULL)`,
    "CREATE INDEX blobs_by_investigation ON blobs (investigation)",
    "CREATE INDEX blobs_by_time ON blobs (at)",
    `CREATE TABLE audit (
      number BIGINT PRIMARY KEY, at BIGINT NOT NULL, event TEXT NOT NULL, by_alias TEXT NOT NULL,
      incident TEXT, detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)`,
    "CREATE TABLE audit_head (only_one BIGINT PRIMARY KEY, number BIGINT NOT NULL, hash TEXT NOT NULL)",
    "CREATE TABLE people (alias TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
    `CREATE TABLE face_state (
      key TEXT PRIMARY KEY, value TEXT NOT NULL)`,
    "CREATE TABLE seen (key TEXT PRIMARY KEY, until BIGINT NOT NULL)",
    "CREATE INDEX seen_by_time ON seen (until)",
    `CREATE TABLE feedback (
      ${serial(dialect)}, incident TEXT NOT NULL, person TEXT NOT NULL, body TEXT NOT NULL)`,
    "CREATE INDEX feedback_by_incident ON feedback (incident)",
  ];
}

function intakeTables(dialect: Engine["dialect"]): string[] {
  return [
    `CREATE TABLE arrivals (
      ${serial(dialect)}, delivery TEXT NOT NULL UNIQUE, received_at BIGINT NOT NULL,
      body TEXT, disposition TEXT NOT NULL, group_id TEXT, incident TEXT, reasons TEXT)`,
    "CREATE INDEX arrivals_pending ON arrivals (number) WHERE disposition = 'pending'",
    "CREATE INDEX arrivals_by_incident ON arrivals (incident, number)",
    "CREATE INDEX arrivals_by_group ON arrivals (group_id, number)",
    "CREATE INDEX arrivals_by_time ON arrivals (received_at)",
    `CREATE TABLE alarm_groups (
      id TEXT PRIMARY KEY, incident TEXT, state TEXT NOT NULL, updated_at BIGINT NOT NULL,
      body TEXT NOT NULL)`,
    "CREATE INDEX alarm_groups_live ON alarm_groups (id) WHERE state <> 'closed'",
    `CREATE TABLE quarantine (
      ${serial(dialect)}, at BIGINT NOT NULL, sender TEXT NOT NULL, reason TEXT NOT NULL,
      bytes BIGINT NOT NULL, body TEXT NOT NULL)`,
  ];
}

function jobTables(): string[] {
  return [
    `CREATE TABLE jobs (
      id TEXT PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL UNIQUE, exclusive TEXT,
      priority BIGINT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL,
      attempts BIGINT NOT NULL, attempts_max BIGINT NOT NULL, run_at BIGINT NOT NULL,
      leased_by TEXT, lease_until BIGINT, last_error TEXT, created_at BIGINT NOT NULL)`,
    "CREATE INDEX jobs_ready ON jobs (priority, run_at, id) WHERE state = 'ready'",
    "CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'leased'",
    `CREATE UNIQUE INDEX jobs_one_at_a_time ON jobs (exclusive)
      WHERE state = 'leased' AND exclusive IS NOT NULL`,
    "CREATE TABLE spend (at BIGINT NOT NULL, kind TEXT NOT NULL, cost_usd DOUBLE PRECISION NOT NULL)",
    "CREATE INDEX spend_by_time ON spend (at)",
    "CREATE TABLE leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, until BIGINT NOT NULL)",
  ];
}

/** The database itself refuses to change a step or an audit entry. */
function appendOnlyTriggers(dialect: Engine["dialect"]): readonly string[] {
  if (dialect === "sqlite") {
    const refuse = (table: string, what: string) =>
      `CREATE TRIGGER ${table}_no_${what.toLowerCase()} BEFORE ${what} ON ${table}
        BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`;
    return [refuse("audit", "UPDATE"), refuse("audit", "DELETE"), refuse("steps", "UPDATE")];
  }
  return [
    `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$`,
    `CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
      FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
    `CREATE TRIGGER steps_append_only BEFORE UPDATE ON steps
      FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  ];
}

function serial(dialect: Engine["dialect"]): string {
  return dialect === "sqlite"
    ? "number INTEGER PRIMARY KEY AUTOINCREMENT"
    : "number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
}
