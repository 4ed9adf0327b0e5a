import { expect, it } from "vitest";
import { readOperations } from "../../core/row-readers.ts";
import { askCapture } from "../testing/ask.ts";
import { captureFolder, jsonLines, minute } from "../testing/capture-folder.ts";

type Said = Readonly<Record<string, unknown>>;

/** Whether one span, with what is said about its status, counts as an error. */
async function countsAsError(said: Said): Promise<boolean> {
  const span = { trace_id: "t", span_id: "a", service: "api", name: "op", start: minute(5) };
  using made = captureFolder({ "spans.jsonl": jsonLines([{ ...span, duration_ms: 5, ...said }]) });
  const outcome = await askCapture(made.folder, { kind: "operation-stats" });
  if (outcome.kind !== "data") throw new Error(JSON.stringify(outcome));
  return readOperations(outcome.frame)[0]?.window.errors === 1;
}

it.each<[string, Said]>([
  ["HTTP 503 as OpenTelemetry names it", { attributes: { "http.response.status_code": 503 } }],
  ["HTTP 500 by its older name, status unset", attributesWith("http.status_code", "500", "UNSET")],
  ["HTTP 502 in nested attributes", { attributes: { http: { status_code: 502 } } }],
  ["HTTP 500 in attributes written as text", { attributes: '{"http.status_code":"500"}' }],
  ["HTTP 504 in a column of its own", { "http.status_code": 504 }],
  ["OpenTelemetry's status as an attribute", attributesWith("otel.status_code", "ERROR")],
  ["OpenTracing's error tag", attributesWith("error", true, "STATUS_CODE_UNSET")],
  ["gRPC unavailable", attributesWith("rpc.grpc.status_code", 14)],
  ["an exception event", { events: [{ name: "exception", attributes: {} }] }],
])("counts a span without a status as failed by %s", async (_, said) => {
  expect(await countsAsError(said)).toBe(true);
});

it.each<[string, Said]>([
  ["nothing is said", {}],
  ["HTTP 404 is the caller's fault", attributesWith("http.status_code", 404)],
  ["the error tag says no", attributesWith("error", false)],
  ["gRPC says not found", attributesWith("rpc.grpc.status_code", 5)],
  ["a status stands against the attributes", attributesWith("http.status_code", 500, "OK")],
  [
    "an exception was handled and the status left unset",
    { status: "UNSET", events: [{ name: "exception" }] },
  ],
])("counts a span as passed where %s", async (_, said) => {
  expect(await countsAsError(said)).toBe(false);
});

function attributesWith(key: string, value: unknown, status?: string): Said {
  return { attributes: { [key]: value }, ...(status ? { status } : {}) };
}
