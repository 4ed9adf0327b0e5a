import { type DerivedCase, type TableName, timeSql } from "./derived-case.ts";
import { redeliver, someTwice, windowTwice } from "./redeliver.ts";
import { renameServices } from "./rename-services.ts";

/** A way to make another case out of one. Returns false where it does not apply. */
interface Variant {
  readonly name: string;
  readonly what: string;
  apply(made: DerivedCase): Promise<boolean>;
}

const minuteMs = 60_000;

export const variants: readonly Variant[] = [
  {
    name: "as-is",
    what: "read and written again, nothing else",
    apply: async () => true,
  },
  { name: "only-metrics", what: "no logs, no traces", apply: (made) => keep(made, "metrics") },
  { name: "only-logs", what: "no metrics, no traces", apply: (made) => keep(made, "logs") },
  { name: "only-traces", what: "no metrics, no logs", apply: (made) => keep(made, "spans") },
  {
    name: "no-topology",
    what: "the map is missing",
    async apply(made) {
      const had = made.topology !== null;
      made.topology = null;
      return had;
    },
  },
  {
    name: "no-changes",
    what: "the change log is missing, so that none can be guilty",
    async apply(made) {
      made.truth.changes = [];
      return made.tables.delete("changes");
    },
  },
  { name: "other-columns", what: "columns under other names, as JSON Lines", apply: otherColumns },
  { name: "renamed", what: "every service has a made-up name", apply: renameServices },
  { name: "other-units", what: "seconds for milliseconds and the reverse", apply: otherUnits },
  { name: "other-time", what: "months later, written with +09:00", apply: otherTime },
  { name: "coarse", what: "metrics every 60 s", apply: coarse },
  { name: "fewer-series", what: "a third of the series are gone", apply: fewerSeries },
  { name: "jittered", what: "times of changes are off by up to 2 minutes", apply: jittered },
  { name: "innocent", what: "five more innocent deploys just before onset", apply: innocent },
  { name: "at-victim", what: "the alarm is on a victim", apply: atVictim },
  { name: "question", what: "a person asks, and names no service", apply: question },
  { name: "short-baseline", what: "a quarter of the baseline", apply: shortBaseline },
  { name: "no-baseline", what: "the incident names no baseline", apply: noBaseline },
  { name: "twice", what: "every row delivered twice", apply: (made) => redeliver(made, "true") },
  { name: "window-twice", what: "every row of the window delivered twice", apply: windowTwice },
  {
    name: "some-twice",
    what: "a third of the window's last half delivered twice",
    apply: someTwice,
  },
  { name: "dirty", what: "some rows twice, values missing, lines out of order", apply: dirty },
  { name: "healthy", what: "the alarm goes off in normal operation", apply: healthy },
];

async function keep(made: DerivedCase, only: TableName): Promise<boolean> {
  if (!made.tables.has(only)) return false;
  const others = (["metrics", "logs", "spans"] as const).filter((table) => table !== only);
  return others.map((table) => made.tables.delete(table)).some((had) => had);
}

async function otherColumns(made: DerivedCase): Promise<boolean> {
  const names: Record<string, string> = {
    timestamp: "ts",
    service: "service_name",
    metric: "metric_name",
    value: "val",
    severity: "level",
    body: "message",
    trace_id: "traceId",
    span_id: "spanId",
    parent_span_id: "parentId",
    name: "operationName",
    title: "subject",
  };
  for (const table of made.tables) {
    for (const { column_name: name } of await made.sql(`DESCRIBE ${table}`)) {
      const other = names[String(name)];
      if (other) await made.sql(`ALTER TABLE ${table} RENAME "${name}" TO "${other}"`);
    }
  }
  made.format = "jsonl";
  return true;
}

async function otherUnits(made: DerivedCase): Promise<boolean> {
  if (made.tables.has("spans")) {
    await made.sql("ALTER TABLE spans RENAME duration_ms TO duration_us");
    await made.sql("UPDATE spans SET duration_us = duration_us * 1000");
  }
  if (!made.tables.has("metrics")) return made.tables.has("spans");
  const columns = (await made.sql("DESCRIBE metrics")).map((row) => row.column_name);
  if (columns.includes("unit")) {
    await made.sql(`UPDATE metrics SET unit = CASE unit WHEN 'ms' THEN 's' WHEN 's' THEN 'ms' ELSE unit
      END, value = CASE unit WHEN 'ms' THEN value / 1000 WHEN 's' THEN value * 1000 ELSE value END`);
  }
  const unnamed = columns.includes("unit") ? "coalesce(unit, '') = ''" : "true";
  await made.sql(`UPDATE metrics SET value = value * 1000 WHERE ${unnamed}
    AND regexp_matches(metric, '(?i)latency|duration') AND NOT regexp_matches(metric, '_m?s(_|$)')`);
  return true;
}

async function otherTime(made: DerivedCase): Promise<boolean> {
  const shiftMs = (95 * 24 + 7) * 60 * minuteMs + 1_234;
  for (const table of made.tables) {
    const time = made.time(table);
    await made.sql(`ALTER TABLE ${table} ALTER ${time} TYPE VARCHAR USING strftime(
      ${time} + INTERVAL '${shiftMs + 9 * 60 * minuteMs} milliseconds', '%Y-%m-%dT%H:%M:%S.%g+09:00')`);
  }
  const moved = (value: unknown): unknown => {
    if (typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) {
      return new Date(Date.parse(value) + shiftMs).toISOString();
    }
    if (Array.isArray(value)) return value.map(moved);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, moved(each)]));
  };
  made.incident = moved(made.incident) as DerivedCase["incident"];
  made.truth = moved(made.truth) as DerivedCase["truth"];
  return true;
}

async function coarse(made: DerivedCase): Promise<boolean> {
  if (!made.tables.has("metrics")) return false;
  const step = `SELECT median(gap) AS ms FROM (SELECT date_diff('ms', lag(timestamp) OVER
    (PARTITION BY service, metric ORDER BY timestamp), timestamp) AS gap FROM metrics) WHERE gap > 0`;
  if (Number((await made.sql(step))[0]?.ms ?? minuteMs) >= minuteMs) return false;
  const columns = (await made.sql("DESCRIBE metrics")).map((row) => String(row.column_name));
  const others = columns.filter((name) => name !== "timestamp" && name !== "value");
  const keys = others.map((name) => `"${name}"`).join(", ");
  const isCount = columns.includes("kind") ? "coalesce(kind, '') IN ('sum', 'delta')" : "false";
  await made.sql(`CREATE TABLE coarse AS SELECT time_bucket(INTERVAL 1 MINUTE, timestamp) AS
    timestamp, CASE WHEN ${isCount} THEN sum(value) ELSE avg(value) END AS value, ${keys}
    FROM metrics GROUP BY 1, ${keys} ORDER BY 1`);
  await made.sql("DROP TABLE metrics; ALTER TABLE coarse RENAME TO metrics");
  return true;
}

async function fewerSeries(made: DerivedCase): Promise<boolean> {
  if (!made.tables.has("metrics")) return false;
  const alarm = JSON.stringify(made.incident.trigger ?? {}).replaceAll("'", "''");
  await made.sql(`DELETE FROM metrics WHERE hash(service || metric || '7') % 10 < 3
    AND NOT contains('${alarm}', '"' || metric || '"')`);
  return true;
}

async function jittered(made: DerivedCase): Promise<boolean> {
  if (!made.tables.has("changes")) return false;
  await made.sql(`UPDATE changes SET timestamp = timestamp + to_milliseconds(
    CAST(hash(ref || '3') % 240000 AS BIGINT) - 120000)`);
  return true;
}

const harmless = [
  ["Explain the retry setting in the handbook", "docs/handbook.md", "how often", "how many times"],
  ["Tidy imports", "src/index.ts", 'import "./b";', 'import "./c";'],
  ["Log the build number at start", "src/start.ts", "log(name)", "log(name, build)"],
  ["Cover empty baskets with a test", "test/basket.test.ts", "expect(a)", "expect(a, b)"],
  ["Wider margin on the help page", "web/help.css", "margin: 4px", "margin: 8px"],
] as const;

async function innocent(made: DerivedCase): Promise<boolean> {
  const guilty = new Set<string>(made.truth.services ?? []);
  const names = (await servicesOf(made)).filter((name) => !guilty.has(name));
  if (names.length === 0) return false;
  const onsetMs = onsetOf(made);
  const lines = harmless.map(([title, file, was, now], at) => ({
    timestamp: new Date(onsetMs - (10 + at * 12) * 1000).toISOString(),
    kind: at === 3 ? "commit" : "deploy",
    service: names[(at * 7) % names.length] as string,
    ref: `innocent-${at + 1}`,
    title,
    author: "Robin Vale",
    files: JSON.stringify([file]),
    diff: `--- a/${file}\n+++ b/${file}\n@@ -3,3 +3,3 @@\n-${was}\n+${now}\n`,
  }));
  if (!made.tables.has("changes")) {
    const text = ["kind", "service", "ref", "title", "author", "files", "diff"];
    await made.sql(
      `CREATE TABLE changes (timestamp TIMESTAMP, ${text.join(" VARCHAR, ")} VARCHAR)`,
    );
    made.tables.add("changes");
  }
  for (const line of lines) {
    const values = Object.values(line).map((value) => `'${value.replaceAll("'", "''")}'`);
    await made.sql(`INSERT INTO changes (${Object.keys(line).join(", ")})
      VALUES (${values.join(", ")})`);
  }
  made.truth.changes ??= [];
  made.truth.decoys = [...(made.truth.decoys ?? []), ...lines.map((line) => line.ref)];
  return true;
}

async function atVictim(made: DerivedCase): Promise<boolean> {
  const [victim] = made.truth.blastRadius ?? [];
  const { firedAt } = made.incident.trigger;
  if (!victim || victim === made.incident.trigger.service) return false;
  const summary = `${victim} is degraded`;
  made.incident.title = summary;
  made.incident.trigger = { kind: "alarm", service: victim, firedAt, severity: "high", summary };
  return true;
}

async function question(made: DerivedCase): Promise<boolean> {
  const { firedAt } = made.incident.trigger;
  const summary = "Users complain. What is wrong, and why?";
  made.incident.title = summary;
  made.incident.trigger = { kind: "question", firedAt, summary };
  return true;
}

async function shortBaseline(made: DerivedCase): Promise<boolean> {
  const { baseline } = made.incident;
  if (!baseline) return false;
  const [fromMs, toMs] = [Date.parse(baseline.from), Date.parse(baseline.to)];
  const cutMs = toMs - (toMs - fromMs) / 4;
  baseline.from = new Date(cutMs).toISOString();
  const isBaseline = (time: string) =>
    `${time} >= ${timeSql(fromMs)} AND ${time} < ${timeSql(cutMs)}`;
  for (const table of made.tables) {
    if (table !== "changes") {
      await made.sql(`DELETE FROM ${table} WHERE ${isBaseline(made.time(table))}`);
    }
  }
  return true;
}

async function noBaseline(made: DerivedCase): Promise<boolean> {
  const had = made.incident.baseline !== undefined;
  made.incident = { ...made.incident, baseline: undefined };
  return had;
}

async function dirty(made: DerivedCase): Promise<boolean> {
  for (const table of made.tables) {
    const time = made.time(table);
    await made.sql(`CREATE TABLE worse AS SELECT * FROM (SELECT * FROM ${table} UNION ALL
      SELECT * FROM ${table} WHERE hash(${time}, 5) % 50 = 0) ORDER BY hash(${time}, 9)`);
    await made.sql(`DROP TABLE ${table}; ALTER TABLE worse RENAME TO ${table}`);
  }
  if (made.tables.has("metrics")) {
    await made.sql(
      "UPDATE metrics SET value = 'NaN' WHERE hash(timestamp, service, metric) % 80 = 1",
    );
    await made.sql(
      "UPDATE metrics SET value = NULL WHERE hash(timestamp, service, metric) % 80 = 2",
    );
  }
  return true;
}

/** The second half of the baseline becomes the window, and what came later is gone. */
async function healthy(made: DerivedCase): Promise<boolean> {
  const { baseline, window, trigger } = made.incident;
  if (!baseline || made.truth.kind !== "fault") return false;
  const [fromMs, toMs] = [Date.parse(baseline.from), Date.parse(baseline.to)];
  const lengthMs = Math.min(Date.parse(window.to) - Date.parse(window.from), (toMs - fromMs) / 2);
  const middleMs = toMs - lengthMs;
  for (const table of made.tables) {
    await made.sql(`DELETE FROM ${table} WHERE ${made.time(table)} >= ${timeSql(toMs)}`);
  }
  const iso = (ms: number) => new Date(ms).toISOString();
  made.incident.baseline = { from: iso(fromMs), to: iso(middleMs) };
  made.incident.window = { from: iso(middleMs), to: iso(toMs) };
  trigger.firedAt = iso(middleMs + lengthMs / 2);
  trigger.observed = undefined;
  made.truth = { kind: "false-alarm", services: [], changes: [], remediation: null };
  return true;
}

/** The services that telemetry names, most rows first. */
async function servicesOf(made: DerivedCase): Promise<string[]> {
  const parts = [...made.tables]
    .filter((table) => table !== "changes")
    .map((table) => `SELECT service FROM ${table}`);
  const rows = await made.sql(`SELECT service FROM (${parts.join(" UNION ALL ")})
    WHERE coalesce(service, '') <> '' GROUP BY 1 ORDER BY count(*) DESC, 1`);
  return rows.map((row) => String(row.service));
}

function onsetOf({ truth, incident }: DerivedCase): number {
  const known = Date.parse(truth.onset ?? "");
  return Number.isNaN(known) ? Date.parse(incident.trigger.firedAt) - 2 * minuteMs : known;
}
