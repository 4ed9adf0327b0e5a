import { z } from "zod";
import { limits } from "../core/limits.ts";
import type { NativeQuery, SignalQuery } from "../core/query.ts";
import type { Source, SourceContext, SourceDefinition } from "../core/source.ts";
import type { Window } from "../core/window.ts";
import { athenaChanges } from "./athena/changes.ts";
import { athenaFrame } from "./athena/frame.ts";
import { metricList, metricSeries, metricSql } from "./athena/metrics.ts";
import {
  type Athena,
  type AthenaPlace,
  type AthenaResult,
  checkedWorkgroup,
  openAthena,
  runAthena,
} from "./athena/run.ts";
import { limitedSql, readSelect } from "./athena/sql.ts";
import { knownTables, tableSettings } from "./athena/tables.ts";
import { placeOf } from "./aws/account-pace.ts";
import { type AwsAnswer, type AwsCalls, awsOutcome, awsProbe } from "./aws/answer.ts";
import { awsSettings } from "./aws/client.ts";
import { AwsRefusal } from "./aws/faults.ts";
import { keptReads } from "./aws/kept-reads.ts";
import { lazyClient } from "./aws/lazy-client.ts";
import { queryLink } from "./aws/links.ts";
import { athenaUsd } from "./aws/prices.ts";

const settings = awsSettings.extend({
  workgroup: z.string().min(1).default("primary"),
  catalog: z.string().min(1).default("AwsDataCatalog"),
  database: z.string().min(1).default("default"),
  /** Where results go, where the workgroup does not say: `s3://bucket/prefix/`. */
  outputLocation: z.string().startsWith("s3://").optional(),
  /** The workgroup must end a query at this many bytes or fewer. */
  bytesPerQueryMax: z.number().int().positive().default(10_000_000_000),
  /** Run queries also where the workgroup has no such limit. */
  allowUnlimited: z.boolean().default(false),
  ...tableSettings,
  /**
   * Metrics from SQL with columns timestamp and value; {from} and {to} stand for the time asked.
   */
  metrics: z.record(z.string(), metricSql).default({}),
});
export type AthenaSettings = z.infer<typeof settings>;

/** Business and access-log SQL over S3, through Athena. */
export const athena: SourceDefinition<typeof settings> = {
  kind: "athena",
  title: "Athena SQL over S3",
  settings,
  permissions: [
    "athena:GetWorkGroup",
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:StopQueryExecution",
    "glue:GetDatabase",
    "glue:GetTable",
    "glue:GetPartitions",
    "s3:GetBucketLocation",
    "s3:GetObject",
    "s3:ListBucket",
  ],
  async open(name, own) {
    return openSource(name, own);
  },
};

const guide = `One SELECT in Athena's SQL (Trino), over the tables of the source and its database.
The tables metrics, logs, spans and changes of a lake have the columns of a capture; they, alb_logs
and cloudtrail are cut to the window by themselves: write FROM logs, without a schema.
Severities are trace, debug, info, warn, error, fatal; attributes is JSON text.
SELECT service, count(*) AS n FROM logs WHERE severity = 'error' GROUP BY service ORDER BY n DESC
SELECT date_trunc('minute', timestamp) AS at, sum(value) AS orders FROM metrics
  WHERE metric = 'orders.placed' GROUP BY 1 ORDER BY 1
SELECT json_extract_scalar(attributes, '$["http.route"]') AS route, count(*) FROM spans GROUP BY 1
SELECT elb_status_code, count(*) AS n FROM alb_logs GROUP BY 1
Other tables are scanned as the query says: give them a time or a partition.`;

/** An Athena that is open, as its answers see it. */
export interface OpenAthena {
  readonly settings: AthenaSettings;
  readonly athena: Athena;
  readonly place: AthenaPlace;
  run(sql: string, rowsMax: number): Promise<AthenaResult>;
}

function openSource(name: string, own: AthenaSettings): Source {
  const lazy = lazyClient(() => openAthena(own));
  const place = placeOf(own);
  const kept = keptReads();
  const open = async (calls: AwsCalls, bytesMax: number): Promise<OpenAthena> => {
    const opened = await lazy.get();
    const place: AthenaPlace = own as AthenaPlace;
    const known = await kept(calls, "workgroup", () => checkedWorkgroup(opened, calls, place));
    const bytesAtMost = known.cutoff ?? bytesMax;
    return {
      settings: own,
      athena: opened,
      place,
      run: (sql, rowsMax) => {
        calls.plan(bytesAtMost, athenaUsd(bytesAtMost, calls.prices));
        return runAthena(opened, calls, { sql, rowsMax, bytesMax }, place);
      },
    };
  };
  const hasChanges = own.lakeDatabase !== undefined || own.cloudtrailTable !== undefined;
  const hasMetrics = Object.keys(own.metrics).length > 0;
  return {
    name,
    signals: [
      ...(hasMetrics ? (["business"] as const) : []),
      ...(hasChanges ? (["changes"] as const) : []),
    ],
    answers: [
      "native",
      ...(hasMetrics ? (["metric-list", "metric-series"] as const) : []),
      ...(hasChanges ? (["changes"] as const) : []),
    ],
    guide,
    probe: (context) =>
      awsProbe(place, context, async (calls) => probe(await lazy.get(), calls, own)),
    run: (query: SignalQuery, window: Window, context: SourceContext) => {
      const signal =
        query.kind === "changes" ? "changes" : query.kind === "native" ? "logs" : "business";
      const asked = { source: name, place, query, window, signal } as const;
      return awsOutcome(asked, context, async (calls) => {
        // What is wrong with a text is said before anything is asked of AWS.
        if (query.kind === "native") await readSelect(query.text, own.catalog);
        const opened = await open(calls, context.bytesMax);
        const answer = await answerOf(opened, query, window);
        return { region: opened.athena.region, ...answer };
      });
    },
    close: () => lazy.close(),
  };
}

async function probe(opened: Athena, calls: AwsCalls, own: AthenaSettings) {
  const { cutoff, output } = await checkedWorkgroup(opened, calls, {
    ...(own as AthenaPlace),
    allowUnlimited: true,
  });
  const isBounded = cutoff !== null && cutoff <= own.bytesPerQueryMax;
  const hasOutput = output !== null || own.outputLocation !== undefined;
  const limit = cutoff === null ? "without a limit of bytes per query" : `limit ${cutoff} bytes`;
  return {
    state:
      (isBounded || own.allowUnlimited) && hasOutput ? ("ready" as const) : ("limited" as const),
    lines: [
      `workgroup ${own.workgroup}, ${limit}, database ${own.database}`,
      ...(isBounded || own.allowUnlimited
        ? []
        : [
            `no query is run until the workgroup has one: aws athena update-work-group --work-group ` +
              `${own.workgroup} --configuration-updates ` +
              `BytesScannedCutoffPerQuery=${own.bytesPerQueryMax}`,
          ]),
      ...(hasOutput
        ? []
        : ["results have nowhere to go: set outputLocation, and allow s3:PutObject there"]),
    ],
  };
}

async function answerOf(
  opened: OpenAthena,
  query: SignalQuery,
  window: Window,
): Promise<AwsAnswer> {
  if (query.kind === "native") return native(opened, query, window);
  if (query.kind === "metric-list") return metricList(opened, query, window);
  if (query.kind === "metric-series") return metricSeries(opened, query, window);
  if (query.kind === "changes") return athenaChanges(opened, query, window);
  throw new AwsRefusal("unsupported", `Athena does not answer ${query.kind}.`);
}

async function native(opened: OpenAthena, query: NativeQuery, window: Window): Promise<AwsAnswer> {
  const most = Math.min(query.limit ?? limits.rowsDefault, limits.rowsMax);
  const { settings: own } = opened;
  const read = await readSelect(query.text, own.catalog);
  const sql = limitedSql(read, knownTables(own), window, most + 1);
  const { columns, rows, isCut, id } = await opened.run(sql, most + 1);
  return {
    frame: athenaFrame(columns, rows.slice(0, most)),
    query: sql,
    truncated: isCut || rows.length > most,
    link: queryLink(opened.athena.region, id),
  };
}
