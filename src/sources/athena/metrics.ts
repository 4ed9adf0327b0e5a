import { z } from "zod";
import { type Frame, numbers, type Points, texts } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { MetricListQuery, MetricSeriesQuery } from "../../core/query.ts";
import type { Window } from "../../core/window.ts";
import type { AthenaSettings, OpenAthena } from "../athena.ts";
import type { AwsAnswer } from "../aws/answer.ts";
import { AwsRefusal, AwsStopped, awsFailure } from "../aws/faults.ts";
import { queryLink } from "../aws/links.ts";
import { seriesFrame } from "../capture/metrics-sql.ts";
import { inParallel } from "../cloudwatch/series.ts";
import { athenaFrame } from "./frame.ts";
import { boundedSql, readSelect, timestamp } from "./sql.ts";
import { knownTables } from "./tables.ts";

/** How one metric is read. */
export const metricSql = z.strictObject({
  /** One SELECT with the columns timestamp and value, and service where it tells some apart. */
  sql: z.string().min(1),
  service: z.string().default("business"),
  unit: z.string().optional(),
});

/** Queries at the same time; the quota of an account is 20 or more. */
const queriesAtOnce = 5;
const rowsMax = 20_000;

interface Row {
  readonly service: string;
  readonly metric: string;
  readonly unit: string | null;
  readonly points: Points;
}

function isWanted(
  own: AthenaSettings,
  query: MetricListQuery | MetricSeriesQuery,
  metric: string,
): boolean {
  if (query.services && !query.services.includes(own.metrics[metric]?.service ?? "")) return false;
  if (query.kind === "metric-list") {
    return !query.text || metric.toLowerCase().includes(query.text.toLowerCase());
  }
  return query.metrics?.includes(metric) ?? true;
}

/** What the SQL of a company counts is its business, said as a KPI or not. */
const layer = "business" as const;

/** The metrics that have points in the window: only their queries tell. */
export async function metricList(
  opened: OpenAthena,
  query: MetricListQuery,
  window: Window,
): Promise<AwsAnswer> {
  const wanted = Object.keys(opened.settings.metrics).filter((metric) =>
    isWanted(opened.settings, query, metric),
  );
  const limited = query.limit === undefined ? {} : { limit: query.limit };
  const asked = { kind: "metric-series", metrics: wanted, ...limited } as const;
  const answer = await metricSeries(opened, asked, window);
  const columns = answer.frame.columns.filter(({ name }) => name !== "points");
  return { ...answer, frame: { ...answer.frame, columns } };
}

/** Every metric by its own query, window and baseline together. */
export async function metricSeries(
  opened: OpenAthena,
  query: MetricSeriesQuery,
  window: Window,
): Promise<AwsAnswer> {
  const { settings: own } = opened;
  const isBusiness = query.layers?.includes(layer) ?? true;
  const wanted = Object.entries(own.metrics).filter(
    ([metric]) => isBusiness && isWanted(own, query, metric),
  );
  const { baseline } = query;
  const span = baseline
    ? { from: Math.min(baseline.from, window.from), to: Math.max(baseline.to, window.to) }
    : window;
  const rows: Row[] = [];
  const faults: { metric: string; error: unknown }[] = [];
  const texts: string[] = [];
  let isCut = false;
  let link: string | undefined;
  const jobs = wanted.map(([metric, how]) => async () => {
    try {
      const sql = await seriesSql(own, how.sql, span);
      texts.push(sql);
      const found = await opened.run(sql, rowsMax);
      isCut ||= found.isCut;
      link ??= queryLink(opened.athena.region, found.id);
      rows.push(...rowsOf(athenaFrame(found.columns, found.rows), metric, how));
    } catch (error) {
      if (error instanceof AwsStopped) throw error;
      faults.push({ metric, error });
    }
  });
  await inParallel(jobs, queriesAtOnce);
  if (faults[0] && faults.length === wanted.length) throw faults[0].error;
  const kept = rows.slice(0, Math.min(query.limit ?? limits.seriesMax, limits.seriesMax));
  return {
    frame: seriesFrame(
      kept.map((row) => ({ ...row, resource: null, metricKind: "gauge", layer })),
      kept.map(({ points }) => points),
    ),
    query: texts.join(";\n"),
    truncated: isCut || kept.length < rows.length,
    ...(link ? { link } : {}),
    gaps: faults.map(({ metric, error }) => {
      const { reason, message } = awsFailure(error);
      const effect = "what the business feels of it is not known from this metric";
      return { what: metric, why: `${reason}: ${message}`, effect, signal: "business" };
    }),
  };
}

/** The query over a stretch of time, which also stands for {from}, {to} and their days in it. */
async function seriesSql(own: AthenaSettings, given: string, span: Window): Promise<string> {
  const day = (at: number) => `'${new Date(at).toISOString().slice(0, 10)}'`;
  const filled = given
    .replaceAll("{from}", timestamp(span.from))
    .replaceAll("{to}", timestamp(span.to))
    .replaceAll("{day_from}", day(span.from))
    .replaceAll("{day_to}", day(span.to - 1));
  const read = await readSelect(filled, own.catalog);
  const [from, to] = [timestamp(span.from), timestamp(span.to)];
  const rest = `WHERE "timestamp" >= ${from} AND "timestamp" < ${to} ORDER BY "timestamp"`;
  return boundedSql(read, knownTables(own), span, rest);
}

/** The series of a result; refuses one that no series can be made of, since it would look empty. */
function rowsOf(frame: Frame, metric: string, how: z.infer<typeof metricSql>): readonly Row[] {
  const typeOf = (name: string) => frame.columns.find((column) => column.name === name)?.type;
  const [times, values] = [numbers(frame, "timestamp"), numbers(frame, "value")];
  if (typeOf("timestamp") !== "time" || typeOf("value") !== "number" || times.some(Number.isNaN)) {
    const words = `The SQL of ${metric} must give a column timestamp of times in UTC, and value of numbers.`;
    throw new AwsRefusal("malformed", words);
  }
  const services = texts(frame, "service");
  const groups = Map.groupBy(times.keys(), (row) => services[row] ?? how.service);
  return [...groups].map(([service, all]) => {
    const sound = all.filter((row) => Number.isFinite(values[row]));
    return {
      service,
      metric,
      unit: how.unit ?? null,
      points: {
        times: Float64Array.from(sound, (row) => times[row] as number),
        values: Float64Array.from(sound, (row) => values[row] as number),
      },
    };
  });
}
