import { answer } from "./aws-double.ts";
import type { AwsHandler } from "./aws-front.ts";

/** A span of a recording, moved in time. */
export interface SeededSpan {
  readonly trace: string;
  readonly id: string;
  readonly parent: string | null;
  readonly service: string;
  readonly name: string;
  readonly at: number;
  readonly durationMs: number;
  readonly isError: boolean;
  readonly kind: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Ask {
  readonly StartTime: number;
  readonly EndTime: number;
}

/**
 * Reads of X-Ray over spans, shaped as AWS documents them: moto keeps segments, but answers neither
 * filters, service graphs nor statistics.
 */
export function xrayHandlers(spans: () => readonly SeededSpan[]): Record<string, AwsHandler> {
  const traces = once(() => Map.groupBy(spans(), (span) => span.trace));
  const roots = once(() =>
    [...traces()].flatMap(([, all]) => all.find((span) => span.parent === null) ?? []),
  );
  const byId = once(() => new Map([...traces().keys()].map((trace) => [xrayId(trace), trace])));
  const served = once(
    () => new Map(spans().flatMap((span) => (span.parent ? [[span.parent, span]] : []))),
  );
  const summaries = new Map<string, Summary>();
  const summarized = (root: SeededSpan) => {
    const known = summaries.get(root.trace);
    if (known) return known;
    const made = summaryOf(root, traces().get(root.trace) ?? []);
    summaries.set(root.trace, made);
    return made;
  };
  const inside = (all: readonly SeededSpan[], { StartTime: from, EndTime: to }: Ask) =>
    all.filter(({ at }) => at >= from * 1_000 && at < to * 1_000);
  return {
    GetTraceSegmentDestination: () => answer({ Destination: "XRay", Status: "ACTIVE" }),
    Groups: () => answer({ Groups: [] }),
    TraceSummaries: ({ body }) => {
      const found = inside(roots(), body as unknown as Ask)
        .map(summarized)
        .filter(matcher(String(body.FilterExpression ?? "")));
      return answer({ TraceSummaries: found, TracesProcessedCount: found.length });
    },
    Traces: ({ body }) => {
      const ids = body.TraceIds as string[];
      const found = ids.flatMap((Id) => {
        const all = traces().get(byId().get(Id) ?? "");
        return all ? [{ Id, Segments: segmentsOf(all) }] : [];
      });
      return answer({ Traces: found, UnprocessedTraceIds: [] });
    },
    ServiceGraph: ({ body }) =>
      answer({ Services: graphOf(inside(spans(), body as unknown as Ask), served()) }),
    TimeSeriesServiceStatistics: ({ body }) => {
      const name = /service\("(.*)"\)/.exec(String(body.EntitySelectorExpression))?.[1];
      const period = Number(body.Period);
      const own = inside(spans(), body as unknown as Ask).filter(
        (span) => span.service === name && isSegment(span),
      );
      const bins = Map.groupBy(own, ({ at }) => Math.floor(at / 1_000 / period) * period);
      const series = [...bins].map(([Timestamp, all]) => ({
        Timestamp,
        ServiceSummaryStatistics: statisticsOf(all),
        ResponseTimeHistogram: histogramOf(all),
      }));
      return answer({ TimeSeriesServiceStatistics: series });
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** OpenTelemetry's ids as X-Ray writes them. */
export function xrayId(trace: string): string {
  const plain = trace.replaceAll("-", "").padStart(32, "0").slice(0, 32);
  return `1-${plain.slice(0, 8)}-${plain.slice(8)}`;
}

function isSegment({ kind }: SeededSpan): boolean {
  return kind === "server" || kind === "consumer";
}

function isFault(span: SeededSpan): boolean {
  return span.isError && !isClientError(span);
}

/** X-Ray marks what was answered with 4xx as well, OpenTelemetry only the call that got it. */
function isClientError(span: SeededSpan): boolean {
  const status = Number(span.attributes["http.response.status_code"] ?? 0);
  return status >= 400 && status < 500;
}

function summaryOf(root: SeededSpan, all: readonly SeededSpan[]) {
  const services = [...new Set(all.map(({ service }) => service))];
  const marks = new Map<string, { value: string; service: string }>();
  for (const { attributes, service } of all) {
    for (const [key, value] of Object.entries(attributes)) {
      if (/^(service\.version|shop\.)/.test(key)) {
        const name = key.replace(/\W/g, "_");
        marks.set(`${name}\0${String(value)}\0${service}`, { value: String(value), service });
      }
    }
  }
  const annotations: Record<string, object[]> = {};
  for (const [key, { value, service }] of marks) {
    const name = key.split("\0")[0] ?? "";
    annotations[name] ??= [];
    annotations[name].push({
      AnnotationValue: { StringValue: value },
      ServiceIds: [{ Name: service }],
    });
  }
  const [method, url] = root.name.split(" ");
  return {
    Id: xrayId(root.trace),
    StartTime: root.at / 1_000,
    Duration: root.durationMs / 1_000,
    ResponseTime: root.durationMs / 1_000,
    HasFault: all.some(isFault),
    HasError: all.some(isClientError),
    HasThrottle: false,
    Http: { HttpMethod: method, HttpURL: url },
    EntryPoint: { Name: root.service },
    ServiceIds: services.map((Name) => ({ Name })),
    Annotations: annotations,
    ...rootCausesOf(all),
  };
}

/**
 * The path from the first service to where each failure began, with what was thrown there. A
 * service that sends no spans of its own is inferred from the call of who asked it.
 */
function rootCausesOf(all: readonly SeededSpan[]) {
  const byId = new Map(all.map((span) => [span.id, span]));
  const causeOf = (origin: SeededSpan) => {
    const path: SeededSpan[] = [];
    for (let at: SeededSpan | undefined = origin; at; at = byId.get(at.parent ?? "")) path.push(at);
    const services = Map.groupBy(path.toReversed(), ({ service }) => service);
    const { "error.type": type, "exception.message": message } = origin.attributes;
    const exceptions = message ? [{ Name: String(type ?? "Error"), Message: String(message) }] : [];
    const isCall = origin.kind === "client";
    return {
      ClientImpacting: true,
      Services: [
        ...[...services].map(([Name, spans]) => ({
          Name,
          Type: "AWS::ECS::Container",
          Inferred: false,
          EntityPath: spans.map((span) => ({
            Name: isSegment(span) ? Name : peerOf(span),
            Remote: span.kind === "client",
            ...(span === origin ? { Exceptions: exceptions } : {}),
          })),
        })),
        ...(isCall ? [{ Name: peerOf(origin), Type: "remote", Inferred: true }] : []),
      ],
    };
  };
  const beginnings = (some: readonly SeededSpan[]) => {
    const parents = new Set(some.map(({ parent }) => parent));
    return some.filter((span) => !parents.has(span.id));
  };
  return {
    FaultRootCauses: beginnings(all.filter(isFault)).map(causeOf),
    ErrorRootCauses: beginnings(all.filter(isClientError)).map(causeOf),
  };
}

type Summary = ReturnType<typeof summaryOf>;

/** The filters that the source sends: services, faults, durations. */
function matcher(expression: string): (summary: Summary) => boolean {
  const names = [...expression.matchAll(/service\("([^"]*)"\)/g)].map((match) => match[1]);
  const isFault = expression.includes("fault = true");
  const least = Number(/duration >= ([\d.]+)/.exec(expression)?.[1] ?? 0);
  return (summary) =>
    (names.length === 0 || summary.ServiceIds.some(({ Name }) => names.includes(Name))) &&
    (!isFault || summary.HasFault) &&
    summary.Duration >= least;
}

function segmentsOf(all: readonly SeededSpan[]) {
  const children = Map.groupBy(all, (span) => span.parent);
  const ids = new Map(all.map((span) => [span.id, span]));
  const documentOf = (span: SeededSpan, isTop: boolean): object => {
    const [method, url] = span.name.split(" ");
    const status = span.attributes["http.response.status_code"];
    const inner = (children.get(span.id) ?? []).filter((child) => !isSegment(child));
    const failed = isClientError(span) ? { error: true } : isFault(span) ? { fault: true } : {};
    return {
      id: span.id,
      name: isTop ? span.service : peerOf(span),
      start_time: span.at / 1_000,
      end_time: (span.at + span.durationMs) / 1_000,
      ...(isTop ? { trace_id: xrayId(span.trace) } : { namespace: "remote" }),
      ...(isTop && span.parent !== null ? { parent_id: span.parent } : {}),
      ...failed,
      http: {
        ...(isTop && url ? { request: { method, url } } : {}),
        ...(status === undefined ? {} : { response: { status } }),
      },
      annotations: { "service.version": span.attributes["service.version"] ?? "" },
      ...(inner.length > 0 ? { subsegments: inner.map((each) => documentOf(each, false)) } : {}),
    };
  };
  return all
    .filter((span) => isSegment(span) || !ids.has(span.parent ?? ""))
    .map((span) => ({ Id: span.id, Document: JSON.stringify(documentOf(span, true)) }));
}

/** Who a call goes to, as the SDK of X-Ray names its subsegments. */
function peerOf(span: SeededSpan): string {
  const { "peer.service": peer, "db.namespace": database } = span.attributes;
  return String(peer ?? database ?? span.name);
}

function graphOf(spans: readonly SeededSpan[], served: ReadonlyMap<string, SeededSpan>) {
  const names = [...new Set(spans.flatMap((span) => [span.service]))];
  const peers = spans.filter((span) => span.kind === "client");
  const all = [...new Set([...names, ...peers.map(peerOf)])];
  const ids = new Map(all.map((name, i) => [name, i]));
  return all.map((Name) => {
    const own = spans.filter((span) => span.service === Name && isSegment(span));
    const calls = Map.groupBy(
      peers.filter((span) => span.service === Name),
      peerOf,
    );
    return {
      ReferenceId: ids.get(Name),
      Name,
      Type: names.includes(Name) ? "AWS::ECS::Container" : "remote",
      SummaryStatistics: statisticsOf(own),
      Edges: [...calls].map(([peer, list]) => {
        const answers = list.map((span) => served.get(span.id) ?? span);
        return {
          ReferenceId: ids.get(peer),
          SummaryStatistics: statisticsOf(answers),
          ResponseTimeHistogram: histogramOf(answers),
        };
      }),
    };
  });
}

function statisticsOf(all: readonly SeededSpan[]) {
  const faults = all.filter(isFault).length;
  const errors = all.filter(isClientError).length;
  return {
    OkCount: all.length - faults - errors,
    ErrorStatistics: { ThrottleCount: 0, OtherCount: errors, TotalCount: errors },
    FaultStatistics: { OtherCount: faults, TotalCount: faults },
    TotalCount: all.length,
    TotalResponseTime: all.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1_000,
  };
}

function histogramOf(all: readonly SeededSpan[]) {
  const counts = Map.groupBy(all, ({ durationMs }) => Number((durationMs / 1_000).toPrecision(2)));
  return [...counts].map(([Value, each]) => ({ Value, Count: each.length }));
}
