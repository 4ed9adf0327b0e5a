/**
 * Sends Shodo's own spans (runs, model calls, tool calls) to an OTLP/HTTP endpoint. Loaded only
 * when one is configured; the exporter reads the standard OTEL_* variables itself.
 */
export async function startTraceExport(version: string): Promise<{ stop(): Promise<void> }> {
  const [
    { NodeTracerProvider, BatchSpanProcessor },
    { OTLPTraceExporter },
    { resourceFromAttributes },
  ] = await Promise.all([
    import("@opentelemetry/sdk-trace-node"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": "shodo", "service.version": version }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return { stop: () => provider.shutdown() };
}
