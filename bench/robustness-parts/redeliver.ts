import { type DerivedCase, timeSql } from "./derived-case.ts";

/** Delivers rows once more, at the end of their table, whose TIME meets the condition. */
export async function redeliver(made: DerivedCase, condition: string): Promise<boolean> {
  for (const table of made.tables) {
    if (table === "changes") continue;
    const again = condition.replaceAll(/\bTIME\b/g, made.time(table));
    await made.sql(`CREATE TABLE more AS SELECT * FROM ${table} WHERE ${again}`);
    await made.sql(`INSERT INTO ${table} SELECT * FROM more; DROP TABLE more`);
  }
  return true;
}

export function windowTwice(made: DerivedCase): Promise<boolean> {
  const { from, to } = made.incident.window;
  return redeliver(
    made,
    `TIME >= ${timeSql(Date.parse(from))} AND TIME < ${timeSql(Date.parse(to))}`,
  );
}

/** As after a shipper that lost its place: some of what it sent of the last half comes again. */
export function someTwice(made: DerivedCase): Promise<boolean> {
  const [fromMs, toMs] = [made.incident.window.from, made.incident.window.to].map(Date.parse);
  const middle = timeSql(((fromMs ?? 0) + (toMs ?? 0)) / 2);
  return redeliver(
    made,
    `TIME >= ${middle} AND TIME < ${timeSql(toMs ?? 0)} AND hash(TIME, 3) % 3 = 0`,
  );
}
