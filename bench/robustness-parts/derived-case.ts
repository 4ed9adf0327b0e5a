import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

export type TableName = "metrics" | "logs" | "spans" | "changes";

const timeColumn = {
  metrics: "timestamp",
  logs: "timestamp",
  spans: "start",
  changes: "timestamp",
};

/** JSON documents of a capture, as loose as they are on disk. */
interface CaptureJson {
  readonly incident: {
    title?: string;
    trigger: Trigger;
    window: Span;
    baseline?: Span | undefined;
  };
  readonly truth: {
    kind?: string;
    services?: string[];
    changes?: string[];
    decoys?: string[];
    blastRadius?: string[];
    remediation?: string | null;
    onset?: string | null;
  };
  readonly topology: { edges?: { from: string; to: string }[] };
}

interface Span {
  from: string;
  to: string;
}

interface Trigger {
  kind: string;
  service?: string;
  firedAt: string;
  observed?: number | undefined;
  severity?: string;
  summary?: string;
}

/** A case that has been read into memory, to be changed and written elsewhere. */
export interface DerivedCase {
  readonly tables: Set<TableName>;
  incident: CaptureJson["incident"];
  truth: CaptureJson["truth"];
  topology: CaptureJson["topology"] | null;
  /** File format of all tables, as the capture source reads them. */
  format: "parquet" | "csv" | "jsonl";
  sql(text: string): Promise<Record<string, unknown>[]>;
  /** SQL name of a table's time column, always `TIMESTAMP` in UTC here. */
  time(table: TableName): string;
  /** Names of the text columns of a table. */
  textColumns(table: TableName): Promise<string[]>;
}

/** Reads a capture, lets `change` alter it, and writes it into `out`. */
export async function deriveCase(
  folder: string,
  out: string,
  change: (made: DerivedCase) => Promise<void>,
): Promise<void> {
  const instance = await DuckDBInstance.create();
  const db = await instance.connect();
  try {
    await db.run("SET TimeZone = 'UTC'; SET threads = 1");
    const made = await readCase(db, folder);
    await change(made);
    await writeCase(db, made, out);
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

async function readCase(db: DuckDBConnection, folder: string): Promise<DerivedCase> {
  const tables = new Set<TableName>();
  for (const table of ["metrics", "logs", "spans", "changes"] as const) {
    const [file] = globSync(`${table}.{parquet,csv,jsonl}`, { cwd: folder });
    if (!file) continue;
    await readTable(db, table, join(folder, file));
    tables.add(table);
  }
  const json = <Name extends keyof CaptureJson>(name: Name): CaptureJson[Name] | null => {
    const path = join(folder, `${name}.json`);
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
  };
  const [incident, truth] = [json("incident"), json("truth")];
  if (!incident || !truth) throw new Error(`${folder} is no case: incident or truth is missing`);
  const sql = async (text: string) => (await db.runAndReadAll(text)).getRowObjectsJS();
  return {
    tables,
    incident,
    truth,
    topology: json("topology"),
    format: "parquet",
    sql,
    time: (table) => timeColumn[table],
    async textColumns(table) {
      const rows = await sql(`DESCRIBE ${table}`);
      const texts = rows.filter((row) => row.column_type === "VARCHAR");
      return texts.map((row) => String(row.column_name));
    },
  };
}

/** Times become UTC, and what is nested becomes JSON text, so that all cases look the same. */
async function readTable(db: DuckDBConnection, table: TableName, path: string): Promise<void> {
  const from = path.endsWith(".jsonl")
    ? `read_json('${path}', sample_size = -1, maximum_object_size = 8000000)`
    : `'${path}'`;
  await db.run(`CREATE TABLE ${table} AS SELECT * FROM ${from}`);
  const columns = (await db.runAndReadAll(`DESCRIBE ${table}`)).getRowObjectsJS();
  for (const { column_name: name, column_type: type } of columns) {
    const column = `"${name}"`;
    if (type === "TIMESTAMP WITH TIME ZONE") {
      await db.run(`ALTER TABLE ${table} ALTER ${column} TYPE TIMESTAMP
        USING ${column} AT TIME ZONE 'UTC'`);
    } else if (/STRUCT|MAP|JSON|\[\]/.test(String(type))) {
      await db.run(`ALTER TABLE ${table} ALTER ${column} TYPE VARCHAR
        USING CAST(to_json(${column}) AS VARCHAR)`);
    }
  }
}

async function writeCase(db: DuckDBConnection, made: DerivedCase, out: string): Promise<void> {
  mkdirSync(out, { recursive: true });
  for (const table of made.tables) {
    const path = join(out, `${table}.${made.format}`);
    const format = { parquet: "PARQUET", csv: "CSV, HEADER", jsonl: "JSON" }[made.format];
    await db.run(`COPY ${table} TO '${path}' (FORMAT ${format})`);
  }
  const documents = { incident: made.incident, truth: made.truth, topology: made.topology };
  for (const [name, document] of Object.entries(documents)) {
    if (document) writeFileSync(join(out, `${name}.json`), JSON.stringify(document, null, 1));
  }
}

/** A moment as SQL. */
export function timeSql(ms: number): string {
  return `TIMESTAMP '${new Date(ms).toISOString().replace("T", " ").replace("Z", "")}'`;
}
