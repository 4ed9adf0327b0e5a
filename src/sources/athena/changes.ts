import type { ColumnInfo } from "@aws-sdk/client-athena";
import { limits } from "../../core/limits.ts";
import type { Gap } from "../../core/outcome.ts";
import type { ChangesQuery } from "../../core/query.ts";
import type { ChangeKind } from "../../core/rows.ts";
import { isWithin, type Window } from "../../core/window.ts";
import type { OpenAthena } from "../athena.ts";
import type { AwsAnswer } from "../aws/answer.ts";
import { AwsStopped, awsFailure } from "../aws/faults.ts";
import { queryLink } from "../aws/links.ts";
import { type ChangeRow, changesFrame } from "../changes/change-rows.ts";
import { changeKind } from "../changes/change-service.ts";
import { changesOfEvent } from "../changes/cloudtrail-events.ts";
import { type AthenaRow, athenaTime } from "./frame.ts";
import type { AthenaResult } from "./run.ts";
import { lakeChangesSql, trailSql } from "./tables.ts";

type Names = Readonly<Record<string, string>>;
/** A field of one row by its name. */
type Field = (name: string) => string | undefined;

/** One table of changes: what it is called, its query, and what a row of it stands for. */
interface ChangeTable {
  readonly title: string;
  readonly sql: string;
  readonly changesOf: (field: Field, names: Names) => readonly ChangeRow[];
}

/**
 * Changes that lie in S3: those that a pipeline writes into the lake, with the text that no service
 * of AWS keeps, and the events of a trail beyond the 90 days and the pages of LookupEvents. A table
 * that cannot be read is said beside the other.
 */
export async function athenaChanges(
  opened: OpenAthena,
  query: ChangesQuery,
  window: Window,
): Promise<AwsAnswer> {
  const { settings: own, athena } = opened;
  const most = limits.rowsMax;
  const tables: readonly ChangeTable[] = [
    ...(own.lakeDatabase
      ? [{ title: "lake", sql: lakeChangesSql(own, window, most), changesOf: lakeChange }]
      : []),
    ...(own.cloudtrailTable
      ? [{ title: "trail", sql: trailSql(own, window, most), changesOf: trailChanges }]
      : []),
  ];
  const faults: { title: string; error: unknown }[] = [];
  const parts = await Promise.all(
    tables.map(async ({ title, sql, changesOf }) => {
      try {
        const read = await opened.run(sql, most);
        return [{ sql, read, rows: fieldsOf(read).flatMap((row) => changesOf(row, own.services)) }];
      } catch (error) {
        if (error instanceof AwsStopped) throw error;
        faults.push({ title, error });
        return [];
      }
    }),
  );
  const read = parts.flat();
  if (faults[0] && read.length === 0) throw faults[0].error;
  const found = read
    .flatMap(({ rows }) => rows)
    .filter(({ at }) => isWithin(at, window))
    .filter(({ service }) => !query.services || !service || query.services.includes(service))
    .sort((a, b) => b.at - a.at);
  const kept = found.slice(0, Math.min(query.limit ?? limits.rowsDefault, most));
  const [first] = read;
  return {
    frame: changesFrame(kept),
    query: read.map(({ sql }) => sql).join(";\n"),
    truncated: read.some((part) => part.read.isCut) || kept.length < found.length,
    gaps: faults.map(unread),
    ...(first ? { link: queryLink(athena.region, first.read.id) } : {}),
    reasons: ["no row of these tables is a change of what was asked for"],
  };
}

function unread({ title, error }: { readonly title: string; readonly error: unknown }): Gap {
  const { reason, message } = awsFailure(error);
  const effect = "changes that stand there alone are unknown";
  return {
    what: `changes of the ${title}`,
    why: `${reason}: ${message}`,
    effect,
    signal: "changes",
  };
}

function fieldsOf({ columns, rows }: Pick<AthenaResult, "columns" | "rows">): readonly Field[] {
  const places = new Map(columns.map(({ Name: name }: ColumnInfo, at) => [name, at]));
  return rows.map((row: AthenaRow) => (name) => row[places.get(name) ?? -1] ?? undefined);
}

const diffCharsMax = 100_000;

function lakeChange(field: Field, names: Names): readonly ChangeRow[] {
  const service = field("service") ?? "";
  const ref = field("ref");
  if (!ref) return [];
  return [
    {
      at: athenaTime(field("timestamp") ?? null),
      kind: changeKind(field("kind") ?? null) as ChangeKind,
      service: names[service] ?? service,
      ref,
      title: field("title") ?? "",
      author: field("author") ?? null,
      // Athena writes a list as `[a, b]`.
      files: (field("files") ?? "")
        .replace(/^\[|\]$/g, "")
        .split(/, ?/)
        .filter(Boolean),
      diff: field("diff")?.slice(0, diffCharsMax) ?? null,
    },
  ];
}

function trailChanges(field: Field, names: Names): readonly ChangeRow[] {
  const errorCode = field("errorcode");
  const code = errorCode ? `,"errorCode":${JSON.stringify(errorCode)}` : "";
  const event = {
    EventId: field("eventid"),
    EventName: field("eventname"),
    EventSource: field("eventsource"),
    EventTime: new Date(field("eventtime") ?? Number.NaN),
    Username: field("author")?.split("/").at(-1),
    CloudTrailEvent: `{"requestParameters":${field("requestparameters") || "null"}${code}}`,
  };
  return changesOfEvent(event, names);
}
