import { DuckDBInstance } from "@duckdb/node-api";

/** Writes the result of a query as a Parquet file. */
export async function writeParquet(path: string, sql: string, options = ""): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet${options})`);
  connection.closeSync();
  instance.closeSync();
}
