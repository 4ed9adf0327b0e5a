import { randomUUID } from "node:crypto";
import { DuckDBInstance, DuckDBListValue, type DuckDBValue } from "@duckdb/node-api";
import { type AwsReply, type AwsRequest, answer, fault } from "./aws-double.ts";

/** How the double bears itself. */
export interface AthenaBearing {
  /** Tables and views, made before the first query. */
  readonly setup: readonly string[];
  readonly cutoff?: number | null;
  /** Bytes that every query says it scanned. */
  readonly bytes?: number;
  /** Polls that answer RUNNING before the end; Infinity never ends. */
  readonly polls?: number;
  readonly rowsPerPage?: number;
}

const typeNames: Readonly<Record<string, string>> = { VARCHAR: "varchar", HUGEINT: "bigint" };

/** A value as Athena writes it: a list without quotes. */
function textOf(value: DuckDBValue): string {
  return value instanceof DuckDBListValue ? `[${value.items.join(", ")}]` : String(value);
}

/** Athena at the wire, with DuckDB where Trino would be. */
export async function athenaDouble(bearing: AthenaBearing) {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const sql of bearing.setup) await connection.run(sql);
  const runs = new Map<string, { polls: number; done: Promise<Ran> }>();
  const run = async (sql: string): Promise<Ran> => {
    try {
      const reader = await connection.runAndReadAll(sql);
      const columns = reader.columnNames().map((Name, at) => {
        const type = String(reader.columnType(at)).replace(/^.*\[\]$/, "array");
        return { Name, Type: typeNames[type] ?? type.toLowerCase() };
      });
      const rows = reader
        .getRows()
        .map((row) => row.map((value) => (value === null ? null : textOf(value))));
      return { columns, rows: [columns.map(({ Name }) => Name), ...rows] };
    } catch (error) {
      return { fault: error instanceof Error ? error.message : String(error) };
    }
  };
  const reply = async ({ operation, body }: AwsRequest): Promise<AwsReply> => {
    if (operation === "GetWorkGroup") {
      const limit = bearing.cutoff === undefined ? 1e9 : bearing.cutoff;
      const Configuration = {
        ...(limit === null ? {} : { BytesScannedCutoffPerQuery: limit }),
        ResultConfiguration: { OutputLocation: "s3://results/" },
      };
      return answer({ WorkGroup: { Name: body.WorkGroup, State: "ENABLED", Configuration } });
    }
    if (operation === "StartQueryExecution") {
      const id = randomUUID();
      runs.set(id, { polls: 0, done: run(String(body.QueryString)) });
      return answer({ QueryExecutionId: id });
    }
    const known = runs.get(String(body.QueryExecutionId));
    if (!known) return fault("InvalidRequestException");
    if (operation === "StopQueryExecution") return answer({});
    if (operation === "GetQueryExecution") {
      known.polls += 1;
      const ran = await known.done;
      const isRunning = known.polls <= (bearing.polls ?? 0);
      const State = isRunning ? "RUNNING" : "fault" in ran ? "FAILED" : "SUCCEEDED";
      const said = "fault" in ran ? { StateChangeReason: `SYNTAX_ERROR: ${ran.fault}` } : {};
      const Statistics = { DataScannedInBytes: bearing.bytes ?? 1_000 };
      return answer({ QueryExecution: { Status: { State, ...said }, Statistics } });
    }
    const ran = await known.done;
    if ("fault" in ran) return fault("InvalidRequestException");
    const from = Number(body.NextToken ?? 0);
    const to = from + (bearing.rowsPerPage ?? 1_000);
    const Rows = ran.rows.slice(from, to).map((row) => ({
      Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
    }));
    const ResultSet = { Rows, ResultSetMetadata: { ColumnInfo: ran.columns } };
    return answer({ ResultSet, ...(to < ran.rows.length ? { NextToken: String(to) } : {}) });
  };
  return {
    reply,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

type Ran =
  | {
      readonly columns: readonly { readonly Name: string; readonly Type: string }[];
      readonly rows: readonly (readonly (string | null)[])[];
    }
  | { readonly fault: string };
