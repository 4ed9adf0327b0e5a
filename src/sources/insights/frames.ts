import type { Frame, Points } from "../../core/frame.ts";
import type { Window } from "../../core/window.ts";
import { serviceOfLogGroup } from "../aws/service-name.ts";
import { seriesFrame } from "../capture/metrics-sql.ts";
import type { LogGroups, LogOwner } from "../log-templates/pattern-rows.ts";
import { hashedLines } from "../log-templates/word-lists.ts";
import { severityOf } from "./query.ts";
import { type InsightsAnswer, type InsightsRow, insightsTime } from "./run.ts";
import { structuredLine } from "./structured-line.ts";

type Names = Readonly<Record<string, string>>;

/** Lines as the frame of `log-search`, newest first. */
export function linesFrame(rows: readonly InsightsRow[], names: Names, most: number): Frame {
  const kept = rows
    .map((row) => {
      const said = structuredLine(row["@message"] ?? "");
      return { row, at: insightsTime(row["@timestamp"]), said };
    })
    .toSorted((a, b) => b.at - a.at)
    .slice(0, most);
  const text = (name: string, of: (line: (typeof kept)[number]) => string | null) => ({
    name,
    type: "text" as const,
    values: kept.map(of),
  });
  return {
    length: kept.length,
    columns: [
      { name: "timestamp", type: "time", values: Float64Array.from(kept, ({ at }) => at) },
      text("service", ({ row }) => serviceOfLogGroup(row["@log"] ?? "", names)),
      text("severity", ({ said }) => said.severity),
      text("body", ({ said }) => said.body),
      text("trace_id", ({ said }) => said.traceId),
      text("span_id", ({ said }) => said.spanId),
    ],
  };
}

/** The patterns that Logs Insights mined, in the window and in the baseline, to be matched. */
export function patternGroups(
  parts: readonly {
    readonly service: string;
    readonly isInside: boolean;
    readonly found: InsightsAnswer;
  }[],
): LogGroups {
  const all = parts.flatMap(({ service, isInside, found }) =>
    found.rows.map((row) => {
      const masked = structuredLine((row["@pattern"] ?? "").replace(/<[^<>]*>/g, "<*>"));
      const { body: pattern } = masked;
      const samples = samplesOf(row["@logSamples"]);
      const count = Number(row["@sampleCount"] ?? 0);
      const times = isInside ? samples.map(({ at }) => at).filter(Number.isFinite) : [];
      const label = row["@severityLabel"]?.toLowerCase();
      const severity = label && label !== "none" ? severityOf(label) : masked.severity;
      return { service, pattern, severity, samples, times, count, isInside };
    }),
  );
  const counts = (isInside: boolean) =>
    Float64Array.from(all, (each) => (each.isInside === isInside ? each.count : 0));
  return {
    ...ownersOf(all),
    masked: hashedLines(all.map((each) => each.pattern)),
    inside: counts(true),
    before: counts(false),
    firstAt: Float64Array.from(all, ({ times }) => (times.length > 0 ? Math.min(...times) : NaN)),
    lastAt: Float64Array.from(all, ({ times }) => (times.length > 0 ? Math.max(...times) : NaN)),
    example: (at) => {
      const line = all[at]?.samples[0]?.message;
      return line === undefined ? (all[at]?.pattern ?? "") : structuredLine(line).body;
    },
    traceId: (at) => structuredLine(all[at]?.samples[0]?.message ?? "").traceId,
  };
}

function ownersOf(all: readonly { readonly service: string; readonly severity: string }[]) {
  const keys = all.map(({ service, severity }) => `${service}\0${severity}`);
  const numbers = new Map([...new Set(keys)].map((key, number) => [key, number]));
  const owners: LogOwner[] = [];
  const owner = Uint32Array.from(all, ({ service, severity }, at) => {
    const number = numbers.get(keys[at] as string) as number;
    owners[number] = { service, severity, operation: null };
    return number;
  });
  return { owner, owners };
}

/** Lines that stand for a pattern: JSON in a field, when Logs Insights sends it. */
function samplesOf(text: string | undefined): { at: number; message: string }[] {
  if (!text) return [];
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return [];
    return value.flatMap((each: { timestamp?: unknown; message?: unknown }) =>
      typeof each?.message === "string"
        ? [{ at: insightsTime(String(each.timestamp ?? "")), message: each.message }]
        : [],
    );
  } catch {
    return [];
  }
}

/** Counts of lines per bin and group, and what they are put together by. */
export interface Volume {
  readonly parts: readonly { readonly isFailing: boolean; readonly found: InsightsAnswer }[];
  readonly periods: readonly Window[];
  readonly stepMs: number;
  readonly names: Names;
  /** Epoch ms at which groups were made: before that, no line is not silence. */
  readonly madeAt: ReadonlyMap<string, number>;
}

/**
 * Lines per service and bin: `log_lines_error` for what the filter took for failing and
 * `log_lines_info` for the rest. Bins are those of Logs Insights, whole ones inside the periods;
 * one without a line is 0 once the service had a log group or wrote its first line.
 */
export function volumeFrame(volume: Volume, most: number | undefined): Frame {
  const times = binTimes(volume.periods, volume.stepMs);
  const counts = countsOf(volume, times);
  const series = [...counts].flatMap(([service, { all, failing }]) => {
    const from = beginning(volume, service, times, all);
    const named = (metric: string, values: Float64Array) => ({
      service,
      metric,
      points: { times: times.subarray(from), values: values.subarray(from) },
    });
    return [
      named("log_lines_error", failing),
      named(
        "log_lines_info",
        all.map((n, i) => n - (failing[i] ?? 0)),
      ),
    ];
  });
  const kept = series.filter(({ points }) => points.values.some((n) => n > 0)).slice(0, most);
  const rest = {
    resource: null,
    unit: "lines",
    metricKind: "gauge",
    layer: "application",
  } as const;
  return seriesFrame(
    kept.map(({ service, metric }) => ({ service, metric, ...rest })),
    kept.map(({ points }): Points => points),
  );
}

/** Starts of the whole bins inside the periods, in order. */
function binTimes(periods: readonly Window[], stepMs: number): Float64Array {
  const bins = periods.flatMap(({ from, to }) => {
    const first = Math.ceil(from / stepMs) * stepMs;
    const count = Math.max(0, Math.floor((to - first) / stepMs));
    return Array.from({ length: count }, (_, i) => first + i * stepMs);
  });
  return Float64Array.from(new Set(bins)).sort();
}

function countsOf({ parts, names }: Volume, times: Float64Array) {
  const place = new Map(Array.from(times, (time, at) => [time, at]));
  const counts = new Map<string, { all: Float64Array; failing: Float64Array }>();
  for (const { isFailing, found } of parts) {
    for (const row of found.rows) {
      const at = place.get(insightsTime(row.at));
      if (at === undefined) continue;
      const service = serviceOfLogGroup(row["@log"] ?? "", names);
      const blank = () => new Float64Array(times.length);
      const known = counts.get(service) ?? { all: blank(), failing: blank() };
      counts.set(service, known);
      const values = isFailing ? known.failing : known.all;
      values[at] = (values[at] ?? 0) + Number(row.lines ?? 0);
    }
  }
  return counts;
}

/**
 * Place of the first bin in which a service could have written: a log group or a line was there.
 */
function beginning(
  { madeAt, names }: Volume,
  service: string,
  times: Float64Array,
  lines: Float64Array,
): number {
  const made = [...madeAt].flatMap(([group, at]) =>
    serviceOfLogGroup(group, names) === service ? [at] : [],
  );
  const known = made.length > 0 ? Math.min(...made) : Number.NEGATIVE_INFINITY;
  const place = times.findIndex((time, at) => time >= known || (lines[at] ?? 0) > 0);
  return Math.max(0, place);
}

/** Rows of the caller's own query as text columns. */
export function nativeFrame(rows: readonly InsightsRow[]): Frame {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  names.delete("@ptr");
  return {
    length: rows.length,
    columns: [...names].map((name) => ({
      name,
      type: "text",
      values: rows.map((row) => row[name] ?? null),
    })),
  };
}
