import { z } from "zod";
import { severities } from "../src/core/query.ts";
import { readLogLines } from "../src/core/row-readers.ts";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { toIso } from "../src/core/window.ts";
import { limitField, servicesField, windowFields, windowOf } from "./support/inputs.ts";
import { notData } from "./support/readings.ts";

/** Single log lines, newest first. */
export const searchLogs = defineTool({
  name: "search_logs",
  title: "Search logs",
  description:
    "Log lines that contain a text, have a severity or belong to a trace, newest first. For what is new or rising, use compare_log_patterns.",
  input: z.object({
    text: z.string().max(200).optional().describe("Literal, any case"),
    services: servicesField,
    severity_min: z.enum(severities).optional(),
    trace_id: z.string().max(64).optional(),
    limit: limitField(20, 200),
    ...windowFields,
  }),
  output: z.object({
    lines: z.array(
      z.object({
        at: z.string(),
        service: z.string(),
        severity: z.string(),
        body: z.string(),
        trace_id: z.string().nullable(),
      }),
    ),
  }),
  annotations: readOnly,
  costly: true,
  everyday: true,
  async run(input, context) {
    const window = windowOf(input, context);
    const reading = await context.telemetry.read(
      {
        kind: "log-search",
        limit: input.limit,
        ...(input.text ? { text: input.text } : {}),
        ...(input.services?.length ? { services: input.services } : {}),
        ...(input.severity_min ? { severityMin: input.severity_min } : {}),
        ...(input.trace_id ? { traceId: input.trace_id } : {}),
      },
      window,
    );
    if (reading.kind !== "data") return notData(reading);
    const lines = readLogLines(reading.frame).map((line) => ({
      at: toIso(line.timestamp),
      service: line.service,
      severity: line.severity,
      body: line.body,
      trace_id: line.traceId,
    }));
    const next = "Narrow the text, the services or the window to see the others.";
    const truncated = { shown: lines.length, total: null, next };
    return {
      kind: "data",
      output: { lines },
      findings: [],
      gaps: reading.gaps,
      ...(reading.provenance.truncated ? { truncated } : {}),
    };
  },
});
