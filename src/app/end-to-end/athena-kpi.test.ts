import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AthenaClient,
  CreateWorkGroupCommand,
  GetQueryExecutionCommand,
  ListQueryExecutionsCommand,
} from "@aws-sdk/client-athena";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localPrincipal } from "../../core/principal.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import {
  fakeAwsCredentials,
  isMotoThere,
  type Moto,
  motoNote,
  startMoto,
} from "../../sources/testing/moto.ts";
import { openAnalyst } from "../open-analyst.ts";

fakeAwsCredentials(process.env);
const region = "eu-west-1";
const workgroup = "shodo";
const minuteMs = 60_000;
const now = Math.floor(systemClock.now() / minuteMs) * minuteMs;
const window = { from: now - 30 * minuteMs, to: now };
const baseline = { from: now - 150 * minuteMs, to: window.from };

/** 100 EUR per minute, and 20 since the incident, as Athena writes rows: text below a header. */
function revenue() {
  const minutes = Array.from({ length: 150 }, (_, i) => baseline.from + i * minuteMs);
  const rows = minutes.map((at, i) => {
    const level = (at < window.from ? 100 : 20) + (i % 3);
    return [new Date(at).toISOString().replace("T", " ").replace("Z", ""), String(level)];
  });
  return {
    rows: [["timestamp", "value"], ...rows].map((row) => ({
      Data: row.map((VarCharValue) => ({ VarCharValue })),
    })),
    column_info: [
      { Name: "timestamp", Type: "timestamp" },
      { Name: "value", Type: "double" },
    ],
  };
}

describe.runIf(isMotoThere)(`a KPI that Athena counts${motoNote}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "shodo-athena-"));
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => {
    moto?.stop();
    rmSync(folder, { recursive: true });
  });

  // moto runs no SQL: it hands out, one per query, the results it was told to.
  it("reaches the report with what was lost in money", async () => {
    const client = new AthenaClient({ region, endpoint: moto.endpoint });
    const Configuration = {
      BytesScannedCutoffPerQuery: 1_000_000_000,
      ResultConfiguration: { OutputLocation: "s3://results/" },
    };
    await client.send(new CreateWorkGroupCommand({ Name: workgroup, Configuration }));
    const results = Array.from({ length: 20 }, revenue);
    await fetch(`${moto.endpoint}/moto-api/static/athena/query-results`, {
      method: "POST",
      body: JSON.stringify({ region, results }),
    });
    const sql =
      'SELECT placed AS "timestamp", total AS value FROM orders WHERE day BETWEEN {day_from} AND {day_to}';
    const metrics = { revenue: { unit: "EUR", service: "checkout", sql } };
    const athena = { kind: "athena", region, endpoint: moto.endpoint, workgroup, metrics };
    const kpi = { name: "Revenue", metric: "revenue", service: "checkout" };
    const report = await investigated(join(folder, "shodo.yaml"), {
      sources: [athena],
      kpis: [{ ...kpi, valuePerUnit: 1, currency: "EUR" }],
    });
    expect(report.impact.business[0]).toMatchObject({ kpi: "Revenue" });
    const { lost = 0, expected = 0, lostValue } = report.impact.business[0] ?? {};
    expect(lostValue).toBeCloseTo(lost);
    expect(lost / expected).toBeGreaterThan(0.7);
    expect(lost / expected).toBeLessThan(0.9);
    const cited = report.evidence.filter(({ layer }) => layer === "business");
    const [ran] = cited.flatMap(({ provenance }) => provenance);
    expect(ran).toMatchObject({ source: "athena", region });
    expect(ran?.link).toContain("athena/home?region=eu-west-1#/query-editor/history/");
    const { QueryExecutionIds: ids = [] } = await client.send(
      new ListQueryExecutionsCommand({ WorkGroup: workgroup }),
    );
    const asked = await client.send(new GetQueryExecutionCommand({ QueryExecutionId: ids[0] }));
    expect(asked.QueryExecution?.Query).toMatch(/day BETWEEN '\d{4}-\d\d-\d\d' AND '\d{4}/);
    client.destroy();
  }, 60_000);
});

async function investigated(configFile: string, config: object) {
  writeFileSync(configFile, JSON.stringify(config));
  const clock = systemClock;
  const options = { configFile, model: "builtin", storePath: ":memory:" };
  const opened = await openAnalyst({ ...options, clock, ids: randomIds(clock) });
  try {
    return await opened.analyst.investigate({
      ...{ alarm: null, question: "did we lose revenue?", service: null, window, baseline },
      ...{ model: null, language: null, principal: localPrincipal },
      ...{ idempotencyKey: null, capture: null },
    });
  } finally {
    await opened.close();
  }
}
