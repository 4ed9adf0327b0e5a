import protobuf from "protobufjs";

/**
 * The part of the OTLP 1.x messages that we read, as protobufjs descriptors. Field numbers are
 * those of opentelemetry-proto; fields that are not listed are skipped by the decoder, as protobuf
 * means.
 */
const root = protobuf.Root.fromJSON({ nested: messages() });

/** Decoders of the three export requests, by signal. */
export const requestTypes = {
  traces: root.lookupType("TraceRequest"),
  metrics: root.lookupType("MetricsRequest"),
  logs: root.lookupType("LogsRequest"),
};

/** google.rpc.Status, the body of a refusal. */
export const statusType = root.lookupType("RpcStatus");

/** Export{Trace,Metrics,Logs}ServiceResponse: they share one shape on the wire. */
export const responseType = root.lookupType("ExportResponse");

function messages(): Record<string, protobuf.IType> {
  return { ...common(), ...traces(), ...logs(), ...metrics(), ...numberPoints(), ...answers() };
}

type FieldSpec = readonly [id: number, type: string];

function many(id: number, type: string): readonly [number, string, "repeated"] {
  return [id, type, "repeated"];
}

function message(
  specs: Record<string, FieldSpec | readonly [number, string, "repeated"]>,
): protobuf.IType {
  const fields: Record<string, protobuf.IField> = {};
  for (const [name, [id, type, rule]] of Object.entries(specs)) {
    fields[name] = rule ? { id, type, rule } : { id, type };
  }
  return { fields };
}

/** Marks every field of a message as a member of one oneof, so that presence can be told. */
function choice(specs: Record<string, FieldSpec>): protobuf.IType {
  return { ...message(specs), oneofs: { choice: { oneof: Object.keys(specs) } } };
}

function common(): Record<string, protobuf.IType> {
  return {
    AnyValue: choice({
      stringValue: [1, "string"],
      boolValue: [2, "bool"],
      intValue: [3, "int64"],
      doubleValue: [4, "double"],
      arrayValue: [5, "ArrayValue"],
      kvlistValue: [6, "KeyValueList"],
      bytesValue: [7, "bytes"],
    }),
    ArrayValue: message({ values: many(1, "AnyValue") }),
    KeyValueList: message({ values: many(1, "KeyValue") }),
    KeyValue: message({ key: [1, "string"], value: [2, "AnyValue"] }),
    Scope: message({ name: [1, "string"], version: [2, "string"] }),
    Resource: message({ attributes: many(1, "KeyValue") }),
  };
}

function traces(): Record<string, protobuf.IType> {
  return {
    TraceRequest: message({ resourceSpans: many(1, "ResourceSpans") }),
    ResourceSpans: message({ resource: [1, "Resource"], scopeSpans: many(2, "ScopeSpans") }),
    ScopeSpans: message({ scope: [1, "Scope"], spans: many(2, "Span") }),
    Span: message({
      traceId: [1, "bytes"],
      spanId: [2, "bytes"],
      parentSpanId: [4, "bytes"],
      name: [5, "string"],
      kind: [6, "int32"],
      startTimeUnixNano: [7, "fixed64"],
      endTimeUnixNano: [8, "fixed64"],
      attributes: many(9, "KeyValue"),
      events: many(11, "SpanEvent"),
      status: [15, "SpanStatus"],
    }),
    SpanEvent: message({ name: [2, "string"], attributes: many(3, "KeyValue") }),
    SpanStatus: message({ message: [2, "string"], code: [3, "int32"] }),
  };
}

function logs(): Record<string, protobuf.IType> {
  return {
    LogsRequest: message({ resourceLogs: many(1, "ResourceLogs") }),
    ResourceLogs: message({ resource: [1, "Resource"], scopeLogs: many(2, "ScopeLogs") }),
    ScopeLogs: message({ scope: [1, "Scope"], logRecords: many(2, "LogRecord") }),
    LogRecord: message({
      timeUnixNano: [1, "fixed64"],
      severityNumber: [2, "int32"],
      severityText: [3, "string"],
      body: [5, "AnyValue"],
      attributes: many(6, "KeyValue"),
      traceId: [9, "bytes"],
      spanId: [10, "bytes"],
      observedTimeUnixNano: [11, "fixed64"],
      eventName: [12, "string"],
    }),
  };
}

function metrics(): Record<string, protobuf.IType> {
  return {
    MetricsRequest: message({ resourceMetrics: many(1, "ResourceMetrics") }),
    ResourceMetrics: message({
      resource: [1, "Resource"],
      scopeMetrics: many(2, "ScopeMetrics"),
    }),
    ScopeMetrics: message({ scope: [1, "Scope"], metrics: many(2, "Metric") }),
    Metric: message({
      name: [1, "string"],
      unit: [3, "string"],
      gauge: [5, "NumberSeries"],
      sum: [7, "NumberSeries"],
      histogram: [9, "HistogramSeries"],
      exponentialHistogram: [10, "ExponentialSeries"],
      summary: [11, "SummarySeries"],
    }),
    NumberSeries: message({
      dataPoints: many(1, "NumberPoint"),
      aggregationTemporality: [2, "int32"],
      isMonotonic: [3, "bool"],
    }),
    HistogramSeries: message({
      dataPoints: many(1, "HistogramPoint"),
      aggregationTemporality: [2, "int32"],
    }),
    ExponentialSeries: message({
      dataPoints: many(1, "ExponentialPoint"),
      aggregationTemporality: [2, "int32"],
    }),
    SummarySeries: message({ dataPoints: many(1, "SummaryPoint") }),
  };
}

function numberPoints(): Record<string, protobuf.IType> {
  const time: Record<string, FieldSpec> = {
    startTimeUnixNano: [2, "fixed64"],
    timeUnixNano: [3, "fixed64"],
  };
  const explicitFields = message({
    ...time,
    count: [4, "fixed64"],
    sum: [5, "double"],
    bucketCounts: many(6, "fixed64"),
    explicitBounds: many(7, "double"),
    attributes: many(9, "KeyValue"),
    max: [12, "double"],
  });
  return {
    NumberPoint: {
      ...message({
        ...time,
        asDouble: [4, "double"],
        asInt: [6, "sfixed64"],
        attributes: many(7, "KeyValue"),
      }),
      oneofs: { value: { oneof: ["asDouble", "asInt"] } },
    },
    HistogramPoint: explicitFields,
    ExponentialPoint: message({
      ...time,
      attributes: many(1, "KeyValue"),
      count: [4, "fixed64"],
      sum: [5, "double"],
      scale: [6, "sint32"],
      zeroCount: [7, "fixed64"],
      positive: [8, "Buckets"],
      negative: [9, "Buckets"],
      max: [13, "double"],
    }),
    Buckets: message({ offset: [1, "sint32"], bucketCounts: many(2, "uint64") }),
    SummaryPoint: message({
      ...time,
      count: [4, "fixed64"],
      sum: [5, "double"],
      quantileValues: many(6, "Quantile"),
      attributes: many(7, "KeyValue"),
    }),
    Quantile: message({ quantile: [1, "double"], value: [2, "double"] }),
  };
}

function answers(): Record<string, protobuf.IType> {
  return {
    RpcStatus: message({ code: [1, "int32"], message: [2, "string"] }),
    ExportResponse: message({ partialSuccess: [1, "PartialSuccess"] }),
    PartialSuccess: message({ rejected: [1, "int64"], errorMessage: [2, "string"] }),
  };
}
