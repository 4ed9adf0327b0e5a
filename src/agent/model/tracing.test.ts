import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { describe, expect, it } from "vitest";
import { modelTracing } from "./tracing.ts";

describe("tracing of a run", () => {
  it("gives run, model call and tool call as GenAI spans with token counts and no content", async () => {
    const exporter = new InMemorySpanExporter();
    const provider = new NodeTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    provider.register();
    const tracing = modelTracing(provider.getTracer("test"));
    await tracing.run("shodo", async () => {
      const usage_metadata = { input_tokens: 7, output_tokens: 3 };
      await tracing.chat("openai:gpt-x", async () => ({ text: "secret words", usage_metadata }));
      await tracing.tool("get_trace", async () => "secret rows").catch(() => {});
      await tracing.tool("get_trace", () => Promise.reject(new TypeError("no"))).catch(() => {});
    });
    const spans = exporter.getFinishedSpans();
    const run = spans.find((span) => span.name === "invoke_agent shodo");
    expect(spans.map((span) => span.name)).toEqual([
      "chat gpt-x",
      "execute_tool get_trace",
      "execute_tool get_trace",
      "invoke_agent shodo",
    ]);
    expect(spans[0]?.parentSpanContext?.spanId).toBe(run?.spanContext().spanId);
    expect(spans[0]?.attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-x",
      "gen_ai.usage.input_tokens": 7,
      "gen_ai.usage.output_tokens": 3,
    });
    expect(spans[2]?.attributes["error.type"]).toBe("TypeError");
    expect(JSON.stringify(spans.map((span) => span.attributes))).not.toContain("secret");
  });
});
