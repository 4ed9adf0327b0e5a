import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgresStore } from "./postgres.ts";
import { type PostgresServer, postgresBinaries, startPostgres } from "./testing/postgres-server.ts";
import { describeStore } from "./testing/store-suite.ts";

const given = process.env.DATABASE_URL;
const binaries = postgresBinaries();

if (given || binaries) {
  let server: PostgresServer | null = null;
  let url = given ?? "";
  beforeAll(async () => {
    if (given || !binaries) return;
    server = await startPostgres(binaries, { durable: false });
    url = server.url;
  });
  afterAll(async () => server?.remove());

  let count = 0;
  describeStore("Postgres", async (clock, ids) => {
    count += 1;
    const schema = `suite_${process.pid}_${count}`;
    const admin = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}` });
    return {
      open: () => openPostgresStore({ url, schema, clock, ids, leaseClock: clock }),
      tamper: async (sql) => {
        await admin.query(sql);
      },
      drop: async () => {
        await admin.query(`SET client_min_messages = warning; DROP SCHEMA ${schema} CASCADE`);
        await admin.end();
      },
    };
  });

  describe("the Postgres store", () => {
    const parts = { clock: { now: () => 1 }, ids: { next: (prefix: string) => prefix } };

    it("takes the time of leases from the database, not from this machine", async () => {
      const store = await openPostgresStore({ url, schema: "clocks", ...parts });
      await store.jobs.spend("investigate", 1);
      const [spent] = await store.jobs.spentSince(Date.parse("2024-01-01T00:00:00Z"));
      expect(spent?.runs).toBe(1);
      await store.close();
    });

    it("refuses a schema name that is no name", async () => {
      const opening = openPostgresStore({ url, schema: "a; drop table x", ...parts });
      await expect(opening).rejects.toThrow(/cannot name a schema/);
    });
  });
} else {
  const reason = "PostgreSQL is not installed and DATABASE_URL is not set: its suite did not run";
  it.skipIf(!process.env.CI)("a store on Postgres", () => {
    expect.fail(`${reason}; apt-get install postgresql`);
  });
  if (!process.env.CI) process.stderr.write(`${reason}\n`);
}
