import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimPorts } from "../../control/ports.ts";
import { startPostgres } from "./postgres.ts";

let stop: () => void;
let pools: pg.Pool[];

beforeAll(async () => {
  const [port = 0] = await claimPorts(0, 1);
  stop = await startPostgres(port);
  const connectionString = `postgres://shop@127.0.0.1:${port}/postgres`;
  pools = [1, 2, 3].map(() => new pg.Pool({ connectionString, max: 5 }));
  await pools[0]?.query("CREATE TABLE notes (text text)");
}, 60_000);

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  stop();
});

test("connections keep apart: statements, failures and transactions at the same time", async () => {
  const wanted = 20;
  await Promise.all(
    pools.flatMap((pool, at) => [
      repeat(wanted, async (turn) => {
        const { rows } = await pool.query("SELECT $1::text AS said", [`${at}-${turn}`]);
        expect(rows).toEqual([{ said: `${at}-${turn}` }]);
      }),
      repeat(wanted, () => expect(pool.query("SELECT 1 / $1::int", [0])).rejects.toThrow("zero")),
      repeat(wanted, (turn) => note(pool, `${at}-${turn}`)),
    ]),
  );
  const { rows = [] } = (await pools[0]?.query("SELECT count(*)::int AS n FROM notes")) ?? {};
  expect(rows).toEqual([{ n: wanted * pools.length }]);
});

test("a transaction that its connection leaves behind is rolled back and blocks nobody", async () => {
  const [pool] = pools;
  const client = await pool?.connect();
  await client?.query("BEGIN");
  await client?.query("INSERT INTO notes VALUES ('left behind')");
  client?.release(true);
  const answer = await pools[1]?.query(
    "SELECT count(*)::int AS n FROM notes WHERE text LIKE 'left%'",
  );
  expect(answer?.rows).toEqual([{ n: 0 }]);
});

async function note(pool: pg.Pool, text: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("INSERT INTO notes VALUES ($1)", [text]);
    const { rows } = await client.query("SELECT count(*)::int AS n FROM notes WHERE text = $1", [
      text,
    ]);
    expect(rows).toEqual([{ n: 1 }]);
    await client.query("COMMIT");
  } finally {
    client.release();
  }
}

async function repeat(times: number, work: (turn: number) => Promise<unknown>): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) await work(turn);
}
