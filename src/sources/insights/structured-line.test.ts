import { expect, it } from "vitest";
import { structuredLine } from "./structured-line.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";

it("reads the text, the severity and the trace of a line of JSON", () => {
  const line = JSON.stringify({ level: "warn", message: "card declined", trace_id: traceId });
  expect(structuredLine(line)).toEqual({
    body: "card declined",
    severity: "warn",
    traceId,
    spanId: null,
  });
});

it.each([
  ['{"level":"error","msg":"took too long","took":<*>,"user":"u-<*>"}', "took too long"],
  ['2026-03-01T10:00:00Z {"severity":"ERROR","log":"gateway <*> is down"}', "gateway <*> is down"],
  ['{"ids":[<*>, <*>],"message":"sold out"}', "sold out"],
])("reads a masked line as well: %s", (line, body) => {
  expect(structuredLine(line).body).toBe(body);
});

it.each([
  "plain ERROR text",
  'answered with {"message":"no"}',
  '{"level":"error","took":3}',
  '{"message":"cut short by Insigh',
])("leaves a line alone that is not an object with a text: %s", (line) => {
  expect(structuredLine(line).body).toBe(line);
});
