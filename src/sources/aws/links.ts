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

/** One metric of a graph: `[namespace, name, dimension, value, …]`, with its statistic. */
export interface GraphedMetric {
  readonly path: readonly string[];
  readonly stat: string;
}

/** Most metrics that one graph of the console takes in a link of bearable length. */
const graphedMax = 20;

/** The graph of some metrics over a window. */
export function metricsLink(
  region: string,
  metrics: readonly GraphedMetric[],
  period: number,
  window: Window,
): string {
  const graph = {
    view: "timeSeries",
    stacked: false,
    metrics: metrics.slice(0, graphedMax).map(({ path, stat }) => [...path, { stat }]),
    region,
    period,
    start: toIso(window.from),
    end: toIso(window.to),
  };
  return `${consoleOf(region, "cloudwatch")}#metricsV2:graph=${jsurl(graph)}`;
}

/**
 * Failures of services, as Application Signals counts them. Its own pages show the present: their
 * address takes no window that AWS documents, so the graph of the same numbers stands for them.
 */
export function signalsLink(
  region: string,
  services: readonly Readonly<Record<string, string>>[],
  window: Window,
): string {
  const graphed = services.flatMap(({ Name: name, Environment: environment }) =>
    name && environment
      ? [["ApplicationSignals", "Fault", "Environment", environment, "Service", name]]
      : [],
  );
  return metricsLink(
    region,
    graphed.map((path) => ({ path, stat: "Sum" })),
    60,
    window,
  );
}

/** How far objectives of Application Signals were met, over a window. */
export function objectivesLink(region: string, names: readonly string[], window: Window): string {
  const attained = (name: string) => ({
    path: ["AWS/ApplicationSignals", "AttainmentRate", "SloName", name],
    stat: "Average",
  });
  return metricsLink(region, names.map(attained), 60, window);
}

/** The graph of an expression: metric math or Metrics Insights. */
export function expressionLink(
  region: string,
  expression: string,
  period: number,
  window: Window,
): string {
  const graph = {
    view: "timeSeries",
    stacked: false,
    metrics: [[{ expression, id: "q1" }]],
    region,
    period,
    start: toIso(window.from),
    end: toIso(window.to),
  };
  return `${consoleOf(region, "cloudwatch")}#metricsV2:graph=${jsurl(graph)}`;
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

/** One query of Athena with its text, which names the window, and its result. */
export function queryLink(region: string, id: string): string {
  return `${consoleOf(region, "athena")}#/query-editor/history/${encodeURIComponent(id)}`;
}
