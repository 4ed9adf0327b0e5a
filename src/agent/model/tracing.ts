import { SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";

/** Spans of a run by the OpenTelemetry GenAI conventions; no content, only names and counts. */
export interface ModelTracing {
  run<T>(agent: string, work: () => Promise<T>): Promise<T>;
  chat<T>(model: string, work: () => Promise<T>): Promise<T>;
  tool<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** Spans go wherever the process's tracer provider sends them; without one they cost nothing. */
export function modelTracing(tracer: Tracer = trace.getTracer("shodo")): ModelTracing {
  const span = <T>(
    name: string,
    kind: SpanKind,
    attributes: Readonly<Record<string, string>>,
    work: () => Promise<T>,
  ): Promise<T> =>
    tracer.startActiveSpan(name, { kind, attributes: { ...attributes } }, async (active) => {
      try {
        const result = await work();
        active.setAttributes(usageOf(result));
        return result;
      } catch (error) {
        active.setStatus({ code: SpanStatusCode.ERROR });
        active.setAttribute("error.type", error instanceof Error ? error.name : "unknown");
        throw error;
      } finally {
        active.end();
      }
    });
  return {
    run: (agent, work) => {
      const attributes = { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": agent };
      return span(`invoke_agent ${agent}`, SpanKind.INTERNAL, attributes, work);
    },
    chat: (model, work) => {
      const [provider = "", ...rest] = model.split(":");
      const attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": rest.join(":"),
      };
      return span(`chat ${rest.join(":")}`, SpanKind.CLIENT, attributes, work);
    },
    tool: (name, work) => {
      const attributes = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name };
      return span(`execute_tool ${name}`, SpanKind.INTERNAL, attributes, work);
    },
  };
}

function usageOf(result: unknown): Record<string, number> {
  if (!result || typeof result !== "object" || !("usage_metadata" in result)) return {};
  const usage = result.usage_metadata as { input_tokens?: number; output_tokens?: number } | null;
  return {
    "gen_ai.usage.input_tokens": usage?.input_tokens ?? 0,
    "gen_ai.usage.output_tokens": usage?.output_tokens ?? 0,
  };
}
