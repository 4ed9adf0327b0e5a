import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { joined, sampleIncident, sampleReport, sampleStep } from "../store/testing/samples.ts";
import { httpApp } from "./app.ts";
import { bearer, openHttp } from "./testing/open-http.ts";

interface Described {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: { readonly Fault: z.core.JSONSchema.Schema } };
}
interface Operation {
  readonly responses: Record<
    string,
    { readonly content?: { readonly "application/json": { readonly schema: Schema } } }
  >;
}
type Schema = z.core.JSONSchema.Schema & { readonly $ref?: string };

/** What the document says an answer looks like. */
function promised(described: Described, operation: Operation, status: number): Schema | undefined {
  const { responses } = operation;
  const schema = (responses[status] ?? responses.default)?.content?.["application/json"].schema;
  return schema?.$ref === "#/components/schemas/Fault"
    ? described.components.schemas.Fault
    : schema;
}

/** Requests of every kind: done, and refused in each way. `{}` in a path is filled in. */
const requests: readonly (readonly [method: string, path: string, at: string, body?: object])[] = [
  ["get", "/api/incidents", "?limit=1"],
  ["get", "/api/incidents", "?limit=0"],
  ["post", "/api/incidents", "", { question: "why is checkout slow?" }],
  ["post", "/api/incidents", "", { question: "" }],
  ["get", "/api/incidents/{id}", "inc_1"],
  ["get", "/api/incidents/{id}", "inc_9"],
  ["get", "/api/incidents/{id}/report", "inc_1"],
  ["get", "/api/incidents/{id}/report", "inc_2"],
  ["get", "/api/incidents/{id}/evidence/{evidence}", "inc_1"],
  ["get", "/api/incidents/{id}/evidence/{evidence}", "inc_2"],
  ["get", "/api/incidents/{id}/steps", "inc_1"],
  ["post", "/api/incidents/{id}/cancel", "inc_1"],
  ["post", "/api/incidents/{id}/feedback", "inc_1", { verdict: "helpful" }],
  ["post", "/api/incidents/{id}/feedback", "inc_1", { verdict: "fine" }],
  ["post", "/api/regroup", "", { kind: "merge", incident: "inc_1", into: "inc_2" }],
  ["post", "/api/regroup", "", { kind: "merge", incident: "inc_1", into: "inc_9" }],
  ["post", "/api/people/forget", "", { id: "U1" }],
  ["get", "/api/dead-letters", ""],
  ["post", "/api/dead-letters/{id}/revive", "job"],
  ["post", "/api/dead-letters/{id}/revive", "job"],
  ["get", "/api/openapi.json", ""],
  ["delete", "/api/incidents/{id}", "inc_2"],
];

describe("every answer of the API", () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function open() {
    const start = async () => sampleIncident("inc_7");
    const { parts, store } = await openHttp({}, { start });
    closing.push(() => store.close());
    const alarms = [joined("fp_1", 3)];
    await store.incidents.put(sampleIncident("inc_1", { alarms, investigation: "run_1" }));
    await store.incidents.put(sampleIncident("inc_2", { state: "cancelled" }));
    await store.steps.append("run_1", [sampleStep(1, "looked")]);
    await store.reports.put("inc_1", "run_1", sampleReport("rep_1"));
    const job = { kind: "notify", key: "k", exclusive: null, priority: 1, payload: {} };
    await store.jobs.enqueue({ ...job, attemptsMax: 1, runAt: 0 });
    const leased = await store.jobs.lease({ worker: "w", kinds: ["notify"], leaseMs: 1_000 });
    await store.jobs.fail(leased?.id ?? "", "w", "it answered 500", null);
    const { app } = httpApp(parts);
    const described = (await (await app.request("/api/openapi.json")).json()) as Described;
    return { app, described, job: leased?.id ?? "" };
  }

  it("is what the OpenAPI document promises, whether it was done or refused", async () => {
    const { app, described, job } = await open();
    const seen: string[] = [];
    for (const [method, path, at, body] of requests) {
      const filled = path.includes("{id}")
        ? path.replace("{id}", at === "job" ? job : at).replace("{evidence}", "E1")
        : path + at;
      const answer = await app.request(filled, {
        method: method.toUpperCase(),
        headers: { ...bearer("admin"), "content-type": "application/json" },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const operation = described.paths[path]?.[method];
      if (!operation) throw new Error(`${method} ${path} is not described`);
      if (answer.ok) expect(Object.keys(operation.responses)).toContain(String(answer.status));
      const schema = promised(described, operation, answer.status);
      const faults = schema
        ? z.fromJSONSchema(schema).safeParse(await answer.json()).error?.issues
        : undefined;
      expect([method, filled, faults ?? []]).toEqual([method, filled, []]);
      seen.push(`${answer.status} ${method} ${path}`);
    }
    expect(seen).toMatchInlineSnapshot(`
      [
        "200 get /api/incidents",
        "400 get /api/incidents",
        "201 post /api/incidents",
        "400 post /api/incidents",
        "200 get /api/incidents/{id}",
        "404 get /api/incidents/{id}",
        "200 get /api/incidents/{id}/report",
        "404 get /api/incidents/{id}/report",
        "404 get /api/incidents/{id}/evidence/{evidence}",
        "404 get /api/incidents/{id}/evidence/{evidence}",
        "200 get /api/incidents/{id}/steps",
        "200 post /api/incidents/{id}/cancel",
        "200 post /api/incidents/{id}/feedback",
        "400 post /api/incidents/{id}/feedback",
        "202 post /api/regroup",
        "404 post /api/regroup",
        "200 post /api/people/forget",
        "200 get /api/dead-letters",
        "200 post /api/dead-letters/{id}/revive",
        "404 post /api/dead-letters/{id}/revive",
        "200 get /api/openapi.json",
        "200 delete /api/incidents/{id}",
      ]
    `);
    const all = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const asked = new Set(requests.map(([method, path]) => `${method} ${path}`));
    expect(all.filter((item) => !asked.has(item))).toEqual([]);
  });

  it("is a fault in the described shape for strangers and for those who may not", async () => {
    const { app, described } = await open();
    const fault = z.fromJSONSchema(described.components.schemas.Fault);
    for (const [method, path] of requests) {
      if (path === "/api/openapi.json") continue;
      for (const headers of [{}, bearer("viewer")]) {
        const answer = await app.request(path, { method: method.toUpperCase(), headers });
        if (answer.ok || answer.status === 404) continue;
        expect([400, 401, 403]).toContain(answer.status);
        expect(fault.safeParse(await answer.json()).success).toBe(true);
      }
    }
  });
});
