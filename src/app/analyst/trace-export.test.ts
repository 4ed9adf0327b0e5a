import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FakeOpenAi } from "../../agent/testing/fake-openai.ts";
import { competent } from "../../agent/testing/policies.ts";
import { requestBy } from "../../core/investigation-request.ts";
import { localPrincipal } from "../../core/principal.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { startOtlpReceiver } from "../../sources/otlp-receiver.ts";
import { askCapture } from "../../sources/testing/ask.ts";
import { demoIncidents } from "../demo-incidents.ts";
import { openAnalyst } from "../open-analyst.ts";

const folder = mkdtempSync(join(tmpdir(), "shodo-traces-"));
afterAll(() => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  rmSync(folder, { recursive: true, force: true });
});

/** Runs with a model and exports its spans to Shodo's own receiver; the spans as they arrived. */
async function spansOfARun() {
  const dir = join(folder, "received");
  const receiver = await startOtlpReceiver({ dir, port: 0 });
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
  const server = new FakeOpenAi([competent]);
  const configFile = join(folder, "shodo.yaml");
  const prices = "  prices: { 'openai:fake': { input: 1000, output: 1000 } }\n";
  writeFileSync(configFile, `model:\n  baseUrl: ${await server.start()}\n  wire: chat\n${prices}`);
  const opened = await openAnalyst({
    configFile,
    model: "openai:fake",
    clock: systemClock,
    ids: randomIds(systemClock),
    storePath: ":memory:",
  });
  const report = await opened.analyst.investigate(
    requestBy(localPrincipal, {
      model: "openai:fake",
      capture: demoIncidents()[0]?.folder ?? "",
    }),
  );
  await opened.close();
  await server.stop();
  const capture = await receiver.finish();
  return { report, spans: await spansIn(capture) };
}

interface Span {
  readonly name: string;
  readonly id: string;
  readonly parent: string | null;
  readonly service: string;
  readonly attributes: string;
}

async function spansIn(capture: string): Promise<Span[]> {
  const window = { from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" };
  const trigger = { kind: "question", summary: "what arrived?" };
  const incident = { id: "traces", title: "traces", trigger, window, services: [] };
  writeFileSync(join(capture, "incident.json"), JSON.stringify(incident));
  const text = `SELECT name, span_id AS id, parent_span_id AS parent, service,
    CAST(attributes AS VARCHAR) AS attributes FROM spans ORDER BY start`;
  const outcome = await askCapture(
    capture,
    { kind: "native", source: "capture", text },
    { from: 0, to: 8e12 },
  );
  if (outcome.kind !== "data") throw new Error(JSON.stringify(outcome));
  const { columns, length } = outcome.frame;
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[row]])),
  ) as unknown as Span[];
}

describe("the traces of a run with a model", () => {
  it("arrive over OTLP/HTTP as one tree of GenAI spans, without content", async () => {
    const { report, spans } = await spansOfARun();
    expect(report.usage).toMatchObject({ modelCalls: 3, inputTokens: 2700, costUsd: 2.88 });
    const run = spans.find(({ name }) => name === "invoke_agent shodo");
    const chats = spans.filter(({ name }) => name === "chat fake");
    const tools = spans.filter(({ name }) => name.startsWith("execute_tool "));
    expect(chats).toHaveLength(report.usage.modelCalls);
    expect(tools.map(({ name }) => name)).toContain("execute_tool analyze_traces");
    expect(new Set([...chats, ...tools].map(({ parent }) => parent))).toEqual(new Set([run?.id]));
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(["shodo"]));
    expect(chats[0]?.attributes).toContain("gen_ai.request.model");
    expect(chats[0]?.attributes).toMatch(/gen_ai\.usage\.input_tokens\W+900/);
    expect(JSON.stringify(spans)).not.toContain("payment");
  }, 120_000);
});
