import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toIso } from "../../core/window.ts";

/** The window of made-up captures: half an hour, with an hour of baseline before it. */
export const madeWindow = { from: Date.UTC(2026, 2, 1, 10, 0), to: Date.UTC(2026, 2, 1, 10, 30) };
export const madeBaseline = { from: Date.UTC(2026, 2, 1, 9, 0), to: madeWindow.from };

/** A capture folder of its own; gone when the test ends. */
export function captureFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  incident: Readonly<Record<string, unknown>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "capture-"));
  const base = {
    id: "made-1",
    title: "Checkout fails",
    trigger: {
      kind: "alarm",
      name: "checkout-errors",
      service: "checkout",
      firedAt: toIso(madeWindow.from + 600_000),
      summary: "errors above 5 %",
    },
    window: { from: toIso(madeWindow.from), to: toIso(madeWindow.to) },
    baseline: { from: toIso(madeBaseline.from), to: toIso(madeBaseline.to) },
  };
  writeFileSync(join(folder, "incident.json"), JSON.stringify({ ...base, ...incident }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return {
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Objects as JSON Lines. */
export function jsonLines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/** Minutes after the start of the window; negative ones lie in the baseline. */
export function minute(after: number): number {
  return madeWindow.from + after * 60_000;
}

/** A small shop: a checkout that calls payment, which begins to fail at minute 10. */
export function shopFiles(): Record<string, string> {
  const metrics = ["timestamp,service,metric,value,unit"];
  const logs: unknown[] = [];
  const spans: unknown[] = [];
  for (let at = -60; at < 30; at++) {
    const isBroken = at >= 10;
    const time = toIso(minute(at));
    metrics.push(`${time},checkout,request_rate,${isBroken ? 40 : 50},1/s`);
    metrics.push(`${time},payment,cpu_usage,${isBroken ? 0.9 : 0.3},1`);
    const traceId = `t${at + 60}`;
    const status = isBroken ? "ERROR" : "OK";
    const attributes = { "app.version": isBroken ? "v2" : "v1", "http.route": "/pay" };
    const base = { trace_id: traceId, start: time, attributes };
    spans.push(
      {
        ...base,
        span_id: "a",
        service: "checkout",
        name: "POST /checkout",
        duration_ms: 100,
        status,
      },
      {
        ...base,
        span_id: "b",
        parent_span_id: "a",
        service: "payment",
        name: "charge",
        duration_ms: 60,
        status,
      },
    );
    logs.push({
      timestamp: time,
      service: "payment",
      severity: isBroken ? "ERROR" : "INFO",
      body: isBroken ? `card ${at + 100} declined: gateway down` : `card ${at + 100} charged`,
      trace_id: traceId,
      span_id: "b",
    });
  }
  const changes = [
    {
      timestamp: toIso(minute(8)),
      kind: "deploy",
      service: "payment",
      ref: "v2",
      title: "payment v2",
      files: ["payment/gateway.ts"],
    },
    {
      timestamp: toIso(minute(2)),
      kind: "flag",
      service: "checkout",
      ref: "f1",
      title: "banner on",
    },
  ];
  return {
    "metrics.csv": `${metrics.join("\n")}\n`,
    "logs.jsonl": jsonLines(logs),
    "spans.jsonl": jsonLines(spans),
    "changes.jsonl": jsonLines(changes),
    "truth.json": JSON.stringify({ services: ["payment"], changes: ["v2"] }),
  };
}
