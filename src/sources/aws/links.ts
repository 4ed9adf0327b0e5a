import type { Metric, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { toIso, type Window } from "../../core/window.ts";

/** Links into the CloudWatch console, which takes its state as JSURL in the fragment. */
type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/**
 * JSURL: `~'text`, `~12`, `~(~a~b)`, `~(key~value)`; other characters as `*` and hexadecimals. The
 * quote stands as `%27`, which JSURL reads alike: a bare one ends an address in many texts.
 */
export function jsurl(value: Value): string {
  if (typeof value === "string") return `~%27${escaped(value)}`;
  if (typeof value !== "object") return `~${value}`;
  if (Array.isArray(value)) return `~(${value.map(jsurl).join("") || "~"})`;
  const pairs = Object.entries(value).map(([key, inner]) => escaped(key) + jsurl(inner as Value));
  return `~(${pairs.join("~")})`;
}

function escaped(text: string): string {
  return text.replace(/[^\w.-]/g, (found) => {
    if (found === "$") return "!";
    const code = found.charCodeAt(0);
    const hex = code.toString(16);
    return code < 256 ? `*${hex.padStart(2, "0")}` : `**${hex.padStart(4, "0")}`;
  });
}

function consoleOf(region: string, service: string): string {
  const domain = region.startsWith("cn-")
    ? "console.amazonaws.cn"
    : region.startsWith("us-gov-")
      ? "console.amazonaws-us-gov.com"
      : "console.aws.amazon.com";
  return `https://${region}.${domain}/${service}/home?region=${region}`;
}

/** A line of a graph: `[namespace, name, dimension, value, …]` with its statistic, or math. */
export type Graphed =
  | {
      readonly path: readonly string[];
      readonly stat: string;
      /** Its name in math; the line itself is not drawn then. */
      readonly id?: string;
    }
  | { readonly expression: string; readonly id: string };

/** Most lines that one graph of the console takes in a link of bearable length. */
const graphedMax = 20;

/**
 * A graph over a window, in the words of a dashboard:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function metricsLink(
  region: string,
  lines: readonly Graphed[],
  period: number,
  window: Window,
): string {
  const graph = {
    view: "timeSeries",
    stacked: false,
    metrics: lines.slice(0, graphedMax).map(lineOf),
    region,
    period,
    start: toIso(window.from),
    end: toIso(window.to),
  };
  return `${consoleOf(region, "cloudwatch")}#metricsV2:graph=${jsurl(graph)}`;
}

function lineOf(line: Graphed): Value {
  if ("expression" in line) return [{ expression: line.expression, id: line.id }];
  const { path, stat, id } = line;
  return [...path, { stat, ...(id ? { id, visible: false } : {}) }];
}

/** The lines of some queries of GetMetricData, which are also what an alarm on math consists of. */
export function graphedQueries(queries: readonly MetricDataQuery[]): readonly Graphed[] {
  return queries.flatMap(
    ({ Id, Expression: expression, MetricStat: of, ReturnData }): Graphed[] => {
      const id = Id ?? "";
      if (expression) return [{ expression, id }];
      const path = pathOf(of?.Metric ?? {});
      const hidden = ReturnData === false ? { id } : {};
      return path ? [{ path, stat: of?.Stat ?? "Average", ...hidden }] : [];
    },
  );
}

/** The path of a metric; null where it has no name. */
export function pathOf({ Namespace, MetricName, Dimensions }: Metric): readonly string[] | null {
  if (!Namespace || !MetricName) return null;
  const pairs = (Dimensions ?? []).flatMap(({ Name = "", Value = "" }) => [Name, Value]);
  return [Namespace, MetricName, ...pairs];
}

/**
 * How far objectives of Application Signals were met, over a window. Their own pages show the
 * present: their address takes no window that AWS documents.
 */
export function objectivesLink(region: string, names: readonly string[], window: Window): string {
  const attained = (name: string) => ({
    path: ["AWS/ApplicationSignals", "AttainmentRate", "SloName", name],
    stat: "Average",
  });
  return metricsLink(region, names.map(attained), 60, window);
}

/** A query of Logs Insights over log groups and a window. */
export function insightsLink(
  region: string,
  query: string,
  groups: readonly string[],
  window: Window,
): string {
  const detail = jsurl({
    end: new Date(window.to).toISOString(),
    start: new Date(window.from).toISOString(),
    timeType: "ABSOLUTE",
    tz: "UTC",
    editorString: query,
    source: groups,
  });
  const fragment = `logsV2:logs-insights$3FqueryDetail$3D${detail}`;
  return `${consoleOf(region, "cloudwatch")}#${fragment}`;
}

/** The event history of CloudTrail over a window, without reads. */
export function eventsLink(region: string, window: Window): string {
  const times = `StartTime=${toIso(window.from)}&EndTime=${toIso(window.to)}`;
  return `${consoleOf(region, "cloudtrailv2")}#/events?ReadOnly=false&${times}`;
}

/** Alarms of the console: one of them, else those that fire. */
export function alarmsLink(region: string, names: readonly string[] | undefined): string {
  const [name] = names ?? [];
  const place = name
    ? `alarm/${encodeURIComponent(name).replaceAll("'", "%27")}`
    : "?~(alarmStateFilter~%27ALARM)";
  return `${consoleOf(region, "cloudwatch")}#alarmsV2:${place}`;
}

/** Traces of a window that match a filter expression of X-Ray. */
export function tracesLink(region: string, filter: string, window: Window): string {
  const times = { end: toIso(window.to), start: toIso(window.from) };
  const state = jsurl({ query: { expression: filter }, context: { timeRange: times } });
  return `${consoleOf(region, "cloudwatch")}#xray:traces/query?${state}`;
}

/** One trace, with the window it was looked for in. */
export function traceLink(region: string, id: string, window: Window): string {
  const times = { end: toIso(window.to), start: toIso(window.from) };
  const state = jsurl({ query: {}, context: { timeRange: times } });
  return `${consoleOf(region, "cloudwatch")}#xray:traces/${encodeURIComponent(id)}?${state}`;
}

/** Longest time that the trace map shows. */
const mapMs = 6 * 3_600_000;

/**
 * The map of services and their calls over a window, of a longer one its last six hours. Its address
 * is documented: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-deeplinks.html
 */
export function mapLink(region: string, { from, to }: Window): string {
  const times = [Math.max(from, to - mapMs), to].map((at) =>
    new Date(at).toISOString().slice(0, 19),
  );
  return `${consoleOf(region, "xray")}#/service-map?timeRange=${times.join("~")}`;
}

/** One query of Athena with its text, which names the window, and its result. */
export function queryLink(region: string, id: string): string {
  return `${consoleOf(region, "athena")}#/query-editor/history/${encodeURIComponent(id)}`;
}
