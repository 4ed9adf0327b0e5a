import { join } from "node:path";
import { athenaDouble } from "./athena-double.ts";
import { awsDouble } from "./aws-double.ts";

/** Athena over a lake into which a pipeline wrote the changes of a capture, moved in time. */
export async function changesLake(folder: string, shiftMs: number) {
  const moved = `CAST(timestamp AS TIMESTAMP) + INTERVAL (${shiftMs}) MILLISECONDS`;
  const double = await athenaDouble({
    setup: [
      "CREATE SCHEMA lake",
      `CREATE TABLE lake.changes AS SELECT *, strftime(timestamp, '%Y-%m-%d') AS day
         FROM (SELECT * REPLACE (${moved} AS timestamp)
           FROM read_json('${join(folder, "changes.jsonl")}'))`,
    ],
  });
  const aws = await awsDouble(double.reply);
  return {
    endpoint: aws.endpoint,
    [Symbol.asyncDispose]: async () => {
      await aws[Symbol.asyncDispose]();
      double.close();
    },
  };
}
