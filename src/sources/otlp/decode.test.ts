import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeOtlp, MalformedOtlp, otlpValue } from "./decode.ts";
import { MetricIntervals } from "./metrics.ts";
import { logRows, spanRows } from "./rows.ts";

// Names of OTLP, so that random trees get past the envelope and into the records.
const name = fc.constantFrom(
  ...["resourceSpans", "scopeSpans", "spans", "resourceLogs", "scopeLogs", "logRecords"],
  ...["resourceMetrics", "scopeMetrics", "metrics", "resource", "attributes", "scope", "name"],
  ...["traceId", "spanId", "startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "events"],
  ...["key", "value", "stringValue", "arrayValue", "kvlistValue", "body", "status", "kind"],
  ...["gauge", "sum", "histogram", "exponentialHistogram", "summary", "dataPoints", "asDouble"],
  ...["isMonotonic", "aggregationTemporality", "bucketCounts", "explicitBounds", "positive"],
);

const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.constantFrom(null, true, 7, -1.5, "", "text", "1750000000000000000"),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(name, tie("tree"), { maxKeys: 5 }),
  ),
}));

/** A request whose envelope is right and whose records are anything. */
function requestOf(outer: string, inner: string, records: string) {
  return fc.array(fc.dictionary(name, tree, { maxKeys: 6 }), { maxLength: 4 }).map((list) => ({
    [outer]: [{ resource: { attributes: [] }, [inner]: [{ [records]: list }] }],
  }));
}

test("whatever JSON is sent, it is read, rejected by record, or refused as malformed", () => {
  const anything = fc.oneof(
    tree,
    requestOf("resourceSpans", "scopeSpans", "spans"),
    requestOf("resourceLogs", "scopeLogs", "logRecords"),
    requestOf("resourceMetrics", "scopeMetrics", "metrics"),
  );
  fc.assert(
    fc.property(anything, (sent) => {
      const body = Buffer.from(JSON.stringify(sent));
      const reads = [
        () => spanRows(decodeOtlp("traces", "json", body)),
        () => logRows(decodeOtlp("logs", "json", body), 0),
        () => new MetricIntervals(0).rows(decodeOtlp("metrics", "json", body), 0),
      ];
      for (const read of reads) {
        try {
          for (const row of read().rows) requireWritable(row);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedOtlp);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

/** One value of a wrong type would spoil the whole part that it is written in. */
function requireWritable(row: object): void {
  for (const [column, value] of Object.entries(row)) {
    if (["timestamp", "start", "value", "duration_ms"].includes(column)) {
      expect(value).toSatisfy(Number.isFinite);
    } else if (value !== null) {
      expect(value).toBeTypeOf("string");
    }
  }
}

test("whatever bytes are sent as protobuf, they are read or refused as malformed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const signal of ["traces", "logs", "metrics"] as const) {
        try {
          decodeOtlp(signal as "logs", "protobuf", Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedOtlp);
        }
      }
    }),
  );
});

test("nested attribute values become plain JSON", () => {
  const list = { arrayValue: { values: [{ intValue: "9007199254740991" }, { boolValue: false }] } };
  const map = { kvlistValue: { values: [{ key: "a", value: list }] } };
  expect(otlpValue(map)).toEqual({ a: [9007199254740991, false] });
  expect(otlpValue({ doubleValue: "NaN" })).toBeNaN();
  expect(otlpValue({ bytesValue: new Uint8Array([1, 2]) })).toBe("AQI=");
  expect(otlpValue(null)).toBeNull();
});
