import type { ColumnInfo } from "@aws-sdk/client-athena";
import type { AwsCalls } from "../aws/answer.ts";
import { type AwsSettings, awsClientConfig } from "../aws/client.ts";
import { everyPage } from "../aws/every-page.ts";
import { AwsRefusal } from "../aws/faults.ts";
import { pause } from "../aws/pause.ts";
import { athenaUsd } from "../aws/prices.ts";
import type { AthenaRow } from "./frame.ts";

const pollMs = [100, 200, 400, 800];
/** Rows of one page of GetQueryResults. */
const rowsPerPage = 1_000;
/** Pages of one result; they may be shorter than was asked for. */
const pagesMax = 200;

/** The SDK of Athena with a client of it. */
export async function openAthena(settings: AwsSettings) {
  const sdk = await import("@aws-sdk/client-athena");
  const client = new sdk.AthenaClient(awsClientConfig(settings));
  return { sdk, client, region: await client.config.region() };
}
export type Athena = Awaited<ReturnType<typeof openAthena>>;

/** Where and within which bounds queries run. */
export interface AthenaPlace {
  readonly workgroup: string;
  readonly catalog: string;
  readonly database: string;
  readonly outputLocation: string | undefined;
  /** Most bytes that one query may scan, as the workgroup holds it. */
  readonly bytesPerQueryMax: number;
  /** Run also where the workgroup has no such limit. */
  readonly allowUnlimited: boolean;
}

export interface WorkgroupState {
  /** Bytes at which Athena itself ends a query; null without a limit. */
  readonly cutoff: number | null;
  readonly output: string | null;
}

/** The limits of the workgroup; refuses one that would let a query scan without end. */
export async function checkedWorkgroup(
  { sdk, client }: Athena,
  calls: AwsCalls,
  place: AthenaPlace,
): Promise<WorkgroupState> {
  const { workgroup, bytesPerQueryMax, allowUnlimited } = place;
  const answer = await calls.call("athena:GetWorkGroup", (abortSignal) =>
    client.send(new sdk.GetWorkGroupCommand({ WorkGroup: workgroup }), { abortSignal }),
  );
  const own = answer.WorkGroup?.Configuration;
  if (answer.WorkGroup?.State === "DISABLED") {
    throw new AwsRefusal("unavailable", `The workgroup ${workgroup} is disabled.`);
  }
  const cutoff = own?.BytesScannedCutoffPerQuery ?? null;
  const state = { cutoff, output: own?.ResultConfiguration?.OutputLocation ?? null };
  if ((cutoff === null || cutoff > bytesPerQueryMax) && !allowUnlimited) {
    const has = cutoff === null ? "no limit of bytes per query" : `a limit of ${cutoff} bytes`;
    throw new AwsRefusal(
      "too-big",
      `The workgroup ${workgroup} has ${has}; set BytesScannedCutoffPerQuery of it to ` +
        `${bytesPerQueryMax} or less (aws athena update-work-group), or set allowUnlimited.`,
    );
  }
  return state;
}

export interface AthenaResult {
  readonly columns: readonly ColumnInfo[];
  readonly rows: readonly AthenaRow[];
  /** True when there are more rows than were fetched. */
  readonly isCut: boolean;
  readonly id: string;
}

/**
 * Runs one query to its end, with polling. It is stopped at Athena when nobody waits for it any
 * longer or it has scanned what was left, since it costs by the byte.
 */
export async function runAthena(
  athena: Athena,
  calls: AwsCalls,
  ask: { readonly sql: string; readonly rowsMax: number; readonly bytesMax: number },
  place: AthenaPlace,
): Promise<AthenaResult> {
  const { sdk, client } = athena;
  const { workgroup, catalog, database, outputLocation } = place;
  const { QueryExecutionId: id = "" } = await calls.call(
    "athena:StartQueryExecution",
    (abortSignal) =>
      client.send(
        new sdk.StartQueryExecutionCommand({
          QueryString: ask.sql,
          WorkGroup: workgroup,
          QueryExecutionContext: { Catalog: catalog, Database: database },
          ...(outputLocation ? { ResultConfiguration: { OutputLocation: outputLocation } } : {}),
        }),
        { abortSignal },
      ),
  );
  await ended(athena, calls, id, ask.bytesMax);
  return { ...(await fetched(athena, calls, id, ask.rowsMax)), id };
}

/** Waits for the end; what the query scanned is counted however it ends. */
async function ended(
  { sdk, client }: Athena,
  calls: AwsCalls,
  id: string,
  bytesMax: number,
): Promise<void> {
  let state = "QUEUED";
  let bytes = 0;
  const isOver = () => state === "SUCCEEDED" || state === "FAILED" || state === "CANCELLED";
  try {
    for (let poll = 0; ; poll++) {
      const answer = await calls.call("athena:GetQueryExecution", (abortSignal) =>
        client.send(new sdk.GetQueryExecutionCommand({ QueryExecutionId: id }), { abortSignal }),
      );
      const { Status: status, Statistics: statistics } = answer.QueryExecution ?? {};
      bytes = statistics?.DataScannedInBytes ?? bytes;
      state = status?.State ?? state;
      if (bytes > bytesMax) {
        const words = `The query scans more than the ${bytesMax} bytes left; narrow it.`;
        throw new AwsRefusal("too-big", words);
      }
      if (state === "SUCCEEDED") return;
      if (isOver()) throw failure(state, status?.StateChangeReason ?? "");
      await pause(pollMs[Math.min(poll, pollMs.length - 1)] ?? 800, calls.stop);
    }
  } finally {
    // A query that failed costs nothing; one that was stopped costs what it scanned.
    calls.scanned(bytes, state === "FAILED" ? 0 : athenaUsd(bytes, calls.prices));
    // Not waited for, and not stopped with the read: it is what ends the cost.
    if (!isOver()) {
      client
        .send(new sdk.StopQueryExecutionCommand({ QueryExecutionId: id }))
        .catch(() => undefined);
    }
  }
}

function failure(state: string, said: string): AwsRefusal {
  if (/bytes scanned limit/i.test(said)) {
    const words = "Athena ended the query at the workgroup's limit of bytes; narrow it.";
    return new AwsRefusal("too-big", words, false, said);
  }
  if (/SYNTAX_ERROR|_NOT_FOUND|cannot be resolved|mismatched|TYPE_MISMATCH/i.test(said)) {
    return new AwsRefusal("malformed", "Athena does not understand the query.", false, said);
  }
  if (/AccessDenied|not authorized|Permission/i.test(said)) {
    const words =
      "Athena may not read what the query asks for; it needs s3:GetObject and s3:ListBucket on " +
      "the data, s3:PutObject on the output, and glue:GetTable and glue:GetPartitions.";
    return new AwsRefusal("denied", words, false, said);
  }
  return new AwsRefusal("unavailable", `Athena ended the query as ${state}.`, true, said);
}

async function fetched({ sdk, client }: Athena, calls: AwsCalls, id: string, rowsMax: number) {
  const rows: AthenaRow[] = [];
  let columns: readonly ColumnInfo[] = [];
  let isMore = false;
  await everyPage(pagesMax, async (token) => {
    const page = await calls.call("athena:GetQueryResults", (abortSignal) =>
      client.send(
        new sdk.GetQueryResultsCommand({
          QueryExecutionId: id,
          MaxResults: rowsPerPage,
          ...(token ? { NextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    const isFirst = token === undefined;
    columns = page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? columns;
    const read = (page.ResultSet?.Rows ?? []).map((row) =>
      (row.Data ?? []).map((datum) => datum.VarCharValue ?? null),
    );
    // The first row of the first page is the header.
    rows.push(...(isFirst && isHeader(read[0], columns) ? read.slice(1) : read));
    isMore = Boolean(page.NextToken);
    return rows.length < rowsMax ? page.NextToken : undefined;
  });
  if (columns.length === 0) {
    throw new AwsRefusal("malformed", "Athena told no columns of the result.", true);
  }
  return { columns, rows: rows.slice(0, rowsMax), isCut: isMore || rows.length > rowsMax };
}

function isHeader(row: AthenaRow | undefined, columns: readonly ColumnInfo[]): boolean {
  return row !== undefined && columns.every(({ Name: name }, at) => row[at] === name);
}
