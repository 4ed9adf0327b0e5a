import { z } from "zod";
import { readSpans, readTraces } from "../src/core/row-readers.ts";
import type { Span } from "../src/core/rows.ts";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { toIso } from "../src/core/window.ts";
import { limitField, servicesField } from "./support/inputs.ts";
import { cut, notData } from "./support/readings.ts";

/** One request from end to end, or the requests worth looking at. */
export const getTrace = defineTool({
  name: "get_trace",
  title: "Get trace",
  description:
    "All spans of one request as a tree with durations and errors. Without a trace_id: lists the slowest or failing traces.",
  input: z.object({
    trace_id: z.string().max(64).optional(),
    services: servicesField,
    only_errors: z.boolean().default(false),
    limit: limitField(40, 300),
  }),
  output: z.object({
    traces: z.array(
      z.object({
        trace_id: z.string(),
        service: z.string(),
        operation: z.string(),
        start: z.string(),
        duration_ms: z.number(),
        errors: z.number(),
      }),
    ),
    spans: z.array(
      z.object({
        depth: z.number(),
        service: z.string(),
        name: z.string(),
        offset_ms: z.number(),
        duration_ms: z.number(),
        is_error: z.boolean(),
      }),
    ),
  }),
  annotations: readOnly,
  costly: false,
  async run(input, { telemetry, window, baseline }) {
    if (!input.trace_id) {
      const services = input.services?.length ? { services: input.services } : {};
      const { limit, only_errors: onlyErrors } = input;
      const query = { kind: "trace-list", onlyErrors, limit, ...services } as const;
      const reading = await telemetry.read(query, window);
      if (reading.kind !== "data") return notData(reading);
      const traces = readTraces(reading.frame).map((trace) => ({
        trace_id: trace.traceId,
        service: trace.service,
        operation: trace.operation,
        start: toIso(trace.start),
        duration_ms: trace.durationMs,
        errors: trace.errors,
      }));
      return { kind: "data", output: { traces, spans: [] }, findings: [], gaps: reading.gaps };
    }
    const both = { from: Math.min(baseline.from, window.from), to: window.to };
    const reading = await telemetry.read({ kind: "trace", traceId: input.trace_id }, both);
    if (reading.kind !== "data") return notData(reading);
    const ordered = tree(readSpans(reading.frame));
    const { shown, truncated } = cut(ordered, input.limit, "Raise `limit` to see the rest.");
    return {
      kind: "data",
      output: { traces: [], spans: [...shown] },
      findings: [],
      gaps: reading.gaps,
      ...(truncated ? { truncated } : {}),
    };
  },
});

/** Spans depth first, children by start; a span whose parent is absent is a root. */
function tree(spans: readonly Span[]) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = new Map<string, Span[]>();
  for (const span of spans) {
    const parent = span.parentSpanId && ids.has(span.parentSpanId) ? span.parentSpanId : "";
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const start = spans.reduce(
    (first, span) => Math.min(first, span.start),
    Number.POSITIVE_INFINITY,
  );
  const rows: ReturnType<typeof row>[] = [];
  const seen = new Set<string>();
  const walk = (parent: string, depth: number) => {
    const below = children.get(parent) ?? [];
    for (const span of below.sort((a, b) => a.start - b.start)) {
      if (seen.has(span.spanId)) continue;
      seen.add(span.spanId);
      rows.push(row(span, depth, start));
      walk(span.spanId, depth + 1);
    }
  };
  walk("", 0);
  return rows;
}

function row(span: Span, depth: number, start: number) {
  return {
    depth,
    service: span.service,
    name: span.name,
    offset_ms: span.start - start,
    duration_ms: span.durationMs,
    is_error: span.isError,
  };
}
