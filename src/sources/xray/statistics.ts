import type {
  EdgeStatistics,
  Service,
  TraceSummary as XrayTraceSummary,
} from "@aws-sdk/client-xray";
import type { AttributeStats, Edge, TraceSummary } from "../../core/rows.ts";
import { failureOrigins } from "./root-causes.ts";
import { histogramQuantile } from "./span-statistics.ts";
import type { EdgeOf } from "./trace-frames.ts";

type Names = Readonly<Record<string, string>>;

/** Values of one attribute that are told apart. */
const valuesMax = 50;

/** What clients are called that stand before the first service of a map. */
const clientType = "client";

/**
 * What X-Ray calls what is called and sends no traces of its own: a partner, or something unknown.
 */
const remoteType = "remote";

/**
 * Who calls whom in the maps of some stretches, each pair once, and where a call leads out of the
 * system. Clients are not services.
 */
export function callsOf(maps: readonly (readonly Service[])[], names: Names): readonly Edge[] {
  const ours = new Set(
    maps.flat().flatMap(({ Type: type, Name: name = "" }) => {
      return type === remoteType ? [] : [names[name] ?? name];
    }),
  );
  const found = new Map<string, Edge>();
  for (const { caller, callee, edge } of pairs(maps, names)) {
    const call = ours.has(callee) ? "call" : "external";
    const kind = edge.EdgeType === "link" ? "message" : call;
    found.set(`${caller}\0${callee}`, { from: caller, to: callee, kind });
  }
  return [...found.values()];
}

/** Calls, failures and time of every pair over all stretches together. */
export function edgesOf(maps: readonly (readonly Service[])[], names: Names): readonly EdgeOf[] {
  interface Sum {
    caller: string;
    callee: string;
    calls: number;
    errors: number;
    seconds: number;
    histogram: { value: number; count: number }[];
  }
  const sums = new Map<string, Sum>();
  for (const { caller, callee, edge } of pairs(maps, names)) {
    const key = `${caller}\0${callee}`;
    const blank = { caller, callee, calls: 0, errors: 0, seconds: 0, histogram: [] };
    const sum: Sum = sums.get(key) ?? blank;
    sums.set(key, sum);
    const stats = edge.SummaryStatistics;
    sum.calls += stats?.TotalCount ?? 0;
    sum.errors += failuresOf(stats);
    sum.seconds += stats?.TotalResponseTime ?? 0;
    for (const { Value: value = 0, Count: count = 0 } of edge.ResponseTimeHistogram ?? []) {
      sum.histogram.push({ value, count });
    }
  }
  return [...sums.values()].map(({ caller, callee, calls, errors, seconds, histogram }) => ({
    caller,
    callee,
    stats: {
      calls,
      errors,
      meanMs: calls > 0 ? (seconds / calls) * 1_000 : Number.NaN,
      p50Ms: histogramQuantile(histogram, 0.5) * 1_000,
      p95Ms: histogramQuantile(histogram, 0.95) * 1_000,
      gapMeanMs: Number.NaN,
      gapP50Ms: Number.NaN,
      gapP95Ms: Number.NaN,
    },
  }));
}

function pairs(maps: readonly (readonly Service[])[], names: Names) {
  const nameOf = (service: Service) => names[service.Name ?? ""] ?? service.Name ?? "";
  return maps.flatMap((services) => {
    const byId = new Map(services.map((service) => [service.ReferenceId, service]));
    return services
      .filter((service) => service.Type !== clientType)
      .flatMap((service) =>
        (service.Edges ?? []).flatMap((edge) => {
          const other = byId.get(edge.ReferenceId);
          const [caller, callee] = [nameOf(service), other ? nameOf(other) : ""];
          return caller && callee && caller !== callee ? [{ caller, callee, edge }] : [];
        }),
      );
  });
}

/** Faults are 5xx; of the 4xx only throttling is a failure of who was called. */
export function failuresOf(
  stats: Pick<EdgeStatistics, "FaultStatistics" | "ErrorStatistics"> | undefined,
): number {
  return (stats?.FaultStatistics?.TotalCount ?? 0) + (stats?.ErrorStatistics?.ThrottleCount ?? 0);
}

/** Whether a trace failed: a fault or a throttle. A 4xx alone is the asker's fault. */
export function isFailed(trace: XrayTraceSummary): boolean {
  return Boolean(trace.HasFault || trace.HasThrottle);
}

/** A summary as a row of `trace-list`. X-Ray does not say how many spans a trace has. */
export function traceRow(trace: XrayTraceSummary, names: Names): TraceSummary {
  const [, epoch] = /^1-([0-9a-f]{8})-/.exec(trace.Id ?? "") ?? [];
  const start = trace.StartTime?.getTime() ?? (epoch ? Number.parseInt(epoch, 16) * 1_000 : 0);
  const { HttpMethod: method, HttpURL: url } = trace.Http ?? {};
  const path = /^(?:\w+:\/\/[^/]*)?([^?#]*)/.exec(url ?? "")?.[1];
  return {
    traceId: trace.Id ?? "",
    service: entryService(trace, names),
    operation: [method, path].filter(Boolean).join(" "),
    start,
    durationMs: (trace.Duration ?? trace.ResponseTime ?? 0) * 1_000,
    spans: trace.ServiceIds?.length ?? 0,
    errors: Number(isFailed(trace)),
  };
}

/** The service by which a request enters. */
export function entryService(trace: XrayTraceSummary, names: Names): string {
  const name = trace.EntryPoint?.Name ?? trace.ServiceIds?.[0]?.Name ?? "";
  return names[name] ?? name;
}

interface Mark {
  readonly service: string;
  readonly key: string;
  readonly value: string;
}

/**
 * Annotations with the services that wrote them, exceptions with the services that threw them, zone
 * and instance with the entry service.
 */
function marksOf(trace: XrayTraceSummary, names: Names): readonly Mark[] {
  const entry = entryService(trace, names);
  const marks = Object.entries(trace.Annotations ?? {}).flatMap(([key, values]) =>
    values.flatMap(({ AnnotationValue: given, ServiceIds: services }) => {
      const value = given?.StringValue ?? given?.NumberValue ?? given?.BooleanValue;
      if (value === undefined) return [];
      const owners = (services ?? []).map(({ Name: name = "" }) => names[name] ?? name);
      return (owners.length > 0 ? owners : [entry]).map((service) => ({
        service,
        key,
        value: String(value),
      }));
    }),
  );
  for (const { service, exceptions } of failureOrigins(trace, names)) {
    for (const value of exceptions) marks.push({ service, key: "exception.message", value });
  }
  const rest = [
    ...(trace.AvailabilityZones ?? []).map(({ Name: value }) => ["availability_zone", value]),
    ...(trace.InstanceIds ?? []).map(({ Id: value }) => ["instance", value]),
    ["http.method", trace.Http?.HttpMethod],
  ];
  for (const [key, value] of rest) {
    if (key && value) marks.push({ service: entry, key, value });
  }
  // A value that several segments write counts once per trace.
  return [...new Map(marks.map((m) => [`${m.service}\0${m.key}\0${m.value}`, m])).values()];
}

/** How often each attribute value is on failing traces and on all, in window and baseline. */
export function attributesOf(
  window: readonly XrayTraceSummary[],
  baseline: readonly XrayTraceSummary[],
  names: Names,
): readonly AttributeStats[] {
  type Count = { -readonly [K in keyof AttributeStats]: AttributeStats[K] };
  const rows = new Map<string, Count>();
  const keys = new Map<string, { errors: number; count: number; values: Set<string> }>();
  const add = (trace: XrayTraceSummary, isInside: boolean) => {
    const failed = Number(isFailed(trace));
    for (const { service, key, value } of marksOf(trace, names)) {
      const owner = `${service}\0${key}`;
      const known = keys.get(owner) ?? { errors: 0, count: 0, values: new Set<string>() };
      keys.set(owner, known);
      known.values.add(value);
      const zero = { windowErrors: 0, windowCount: 0, baselineErrors: 0, baselineCount: 0 };
      const blank = { service, key, value, ...zero, keyErrors: 0, keyCount: 0 };
      const row = rows.get(`${owner}\0${value}`) ?? blank;
      rows.set(`${owner}\0${value}`, row);
      if (isInside) {
        row.windowErrors += failed;
        row.windowCount += 1;
        known.errors += failed;
        known.count += 1;
      } else {
        row.baselineErrors += failed;
        row.baselineCount += 1;
      }
    }
  };
  for (const trace of window) add(trace, true);
  for (const trace of baseline) add(trace, false);
  return [...rows.values()]
    .flatMap((row) => {
      const key = keys.get(`${row.service}\0${row.key}`);
      // A key with a value of its own on every request says nothing.
      if (!key || key.values.size > valuesMax) return [];
      return [{ ...row, keyErrors: key.errors, keyCount: key.count }];
    })
    .sort((a, b) => b.windowErrors - a.windowErrors || b.windowCount - a.windowCount);
}
