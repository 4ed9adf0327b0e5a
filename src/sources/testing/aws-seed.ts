import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "@aws-sdk/client-cloudtrail";
import {
  CloudWatchClient,
  type MetricDatum,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { DuckDBInstance } from "@duckdb/node-api";
import { captureIncidentSchema } from "../../core/capture.ts";
import type { ChangeKind } from "../../core/rows.ts";
import { chunksOf, inParallel } from "../cloudwatch/series.ts";
import { definitionOf, type EcsDeployed } from "./ecs-double.ts";
import type { SeededSpan } from "./xray-double.ts";

type Value = string | number | null;

/** Where the telemetry of a capture is put. */
export interface SeedPlace {
  readonly endpoint: string;
  readonly region: string;
  /** Epoch ms at which the window of the incident ends; everything is moved by as much. */
  readonly endsAt: number;
}

/**
 * Puts the metrics and logs of a capture into an account, the way the services themselves would:
 * one namespace with high-resolution metrics by service and attributes, one log group per service
 * with a JSON line per event.
 */
export async function seedAccount(folder: string, place: SeedPlace) {
  const incident = captureIncidentSchema.parse(readJson(folder, "incident.json"));
  const shiftMs = place.endsAt - incident.window.to;
  await using tables = await openTables(folder);
  const metrics = await tables.rows(
    `SELECT epoch_ms(timestamp)::DOUBLE, service, metric, value, resource, unit, attributes
     FROM '${join(folder, "metrics.parquet")}'`,
  );
  const hasLogs = existsSync(join(folder, "logs.parquet"));
  const logs = !hasLogs
    ? []
    : await tables.rows(
        `SELECT epoch_ms(timestamp)::DOUBLE, service, severity, body, trace_id, span_id, attributes
     FROM '${join(folder, "logs.parquet")}' ORDER BY 1`,
      );
  const hasSpans = existsSync(join(folder, "spans.parquet"));
  const spans = !hasSpans
    ? []
    : await tables.rows(
        `SELECT trace_id, span_id, parent_span_id, service, name, epoch_ms(start)::DOUBLE,
           duration_ms, status, kind, attributes FROM '${join(folder, "spans.parquet")}'`,
      );
  await Promise.all([putMetrics(metrics, shiftMs, place), putLogs(logs, shiftMs, place)]);
  const moved = spans.map((row) => spanOf(row, shiftMs));
  return { incident, shiftMs, trail: trailOf(folder, shiftMs), spans: moved };
}

function readJson(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}

async function openTables(folder: string) {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return {
    folder,
    rows: async (sql: string) => (await connection.runAndReadAll(sql)).getRows() as Value[][],
    [Symbol.asyncDispose]: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function pairsOf(attributes: Value | undefined): [string, string][] {
  if (typeof attributes !== "string") return [];
  return Object.entries(JSON.parse(attributes) as Record<string, unknown>).map(([key, value]) => [
    key,
    String(value),
  ]);
}

function spanOf(row: readonly Value[], shiftMs: number): SeededSpan {
  const [trace, id, parent, service, name, at, durationMs, status, kind, attributes] = row;
  return {
    trace: String(trace),
    id: String(id),
    parent: parent === null || parent === undefined ? null : String(parent),
    service: String(service),
    name: String(name),
    at: Number(at) + shiftMs,
    durationMs: Number(durationMs),
    isError: String(status).toLowerCase() === "error",
    kind: String(kind),
    attributes: typeof attributes === "string" ? JSON.parse(attributes) : {},
  };
}

const unitNames: Readonly<Record<string, MetricDatum["Unit"]>> = {
  ms: "Milliseconds",
  s: "Seconds",
  By: "Bytes",
};

async function putMetrics(rows: readonly Value[][], shiftMs: number, place: SeedPlace) {
  const client = new CloudWatchClient({
    region: place.region,
    endpoint: place.endpoint,
    // moto does not unpack requests.
    disableRequestCompression: true,
  });
  const data = rows.map(([at, service, metric, value, resource, unit, attributes]): MetricDatum => {
    const dimensions = [
      ["Service", String(service)],
      ...(resource === null ? [] : [["resource", String(resource)]]),
      ...pairsOf(attributes),
    ];
    return {
      MetricName: String(metric),
      Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
      Timestamp: new Date(Number(at) + shiftMs),
      Value: Number(value),
      Unit: unitNames[String(unit)] ?? "None",
      StorageResolution: 1,
    };
  });
  const put = (MetricData: MetricDatum[]) => async () => {
    await client.send(new PutMetricDataCommand({ Namespace: "Shop", MetricData }));
  };
  await inParallel(chunksOf(data, 1_000).map(put), 2);
  client.destroy();
}

async function putLogs(rows: readonly Value[][], shiftMs: number, place: SeedPlace) {
  const client = new CloudWatchLogsClient({ region: place.region, endpoint: place.endpoint });
  for (const [service, all] of Map.groupBy(rows, (row) => String(row[1]))) {
    const to = { logGroupName: `/ecs/${service}`, logStreamName: "ecs/app/1" };
    await client.send(new CreateLogGroupCommand({ logGroupName: to.logGroupName }));
    await client.send(new CreateLogStreamCommand(to));
    const logEvents = all.map(([at, , level, message, trace_id, span_id, attributes]) => ({
      timestamp: Math.floor(Number(at) + shiftMs),
      message: JSON.stringify({
        level: String(level).toLowerCase(),
        message,
        ...(trace_id ? { trace_id, span_id } : {}),
        ...Object.fromEntries(pairsOf(attributes)),
      }),
    }));
    for (const chunk of chunksOf(logEvents, 5_000)) {
      await client.send(new PutLogEventsCommand({ ...to, logEvents: chunk }));
    }
  }
  client.destroy();
}

interface ChangeLine {
  readonly timestamp: string;
  readonly kind: ChangeKind;
  readonly service: string;
  readonly ref: string;
  readonly title: string;
  readonly author?: string;
  readonly diff?: string;
}

/** The calls of AWS that a change is made with, as CloudTrail records them; commits make none. */
const callsOfKind: Partial<Record<ChangeKind, (c: ChangeLine) => [string, string, object]>> = {
  deploy: ({ service, ref }) => [
    "ecs.amazonaws.com",
    "UpdateService",
    { cluster: "shop", service, taskDefinition: ref.replace("@", ":") },
  ],
  flag: ({ service, title }) => [
    "appconfig.amazonaws.com",
    "StartDeployment",
    { applicationName: service, configurationVersion: "1", description: title },
  ],
  infrastructure: ({ service }) => [
    "rds.amazonaws.com",
    "ModifyDBInstance",
    { dBInstanceIdentifier: service },
  ],
};

/** Events of CloudTrail for the changes of a capture, and which change each stands for. */
function trailOf(folder: string, shiftMs: number) {
  const lines = readFileSync(join(folder, "changes.jsonl"), "utf8").trim().split("\n");
  const refs = new Map<string, string>();
  const deployed: EcsDeployed[] = [];
  const events = lines.flatMap((line): Event[] => {
    const change = JSON.parse(line) as ChangeLine;
    if (change.kind === "config") {
      // Configuration of a container is its environment: a new task definition.
      const at = Date.parse(change.timestamp) + shiftMs;
      const [before, after] = ["-", "+"].map((sign) => settingsIn(change.diff ?? "", sign));
      const own = { service: change.service, at, before: before ?? {}, after: after ?? {} };
      deployed.push(own);
      refs.set(definitionOf(own), change.ref);
      return [];
    }
    const made = callsOfKind[change.kind]?.(change);
    if (!made) return [];
    const [eventSource, eventName, requestParameters] = made;
    const id = randomUUID();
    refs.set(id, change.ref);
    return [
      {
        EventId: id,
        EventName: eventName,
        EventSource: eventSource,
        EventTime: new Date(Date.parse(change.timestamp) + shiftMs),
        ReadOnly: "false",
        Username: change.author ?? "ci",
        CloudTrailEvent: JSON.stringify({ eventName, eventSource, requestParameters }),
      },
    ];
  });
  return { events, refs, deployed };
}

/** Settings on the lines of a JSON file that a diff takes away or adds. */
function settingsIn(diff: string, sign: string): Record<string, string> {
  const lines = diff.split("\n").filter((line) => line.startsWith(sign) || line.startsWith(" "));
  return Object.fromEntries(
    lines.flatMap((line) => {
      const found = /^. +"(\w+)": "?([^",]*)"?,?$/.exec(line);
      return found?.[1] ? [[found[1], found[2] ?? ""]] : [];
    }),
  );
}
