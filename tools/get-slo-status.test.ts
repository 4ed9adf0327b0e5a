import { expect, it } from "vitest";
import type { Column } from "../src/core/frame.ts";
import type { Outcome, Provenance } from "../src/core/outcome.ts";
import type { Source } from "../src/core/source.ts";
import type { ToolContext } from "../src/core/tool.ts";
import { systemClock } from "../src/platform/clock.ts";
import { openTelemetry } from "../src/sources/telemetry.ts";
import { getSloStatus } from "./get-slo-status.ts";

const window = { from: 0, to: 3_600_000 };
const provenance: Provenance = {
  source: "signals",
  signal: "metrics",
  query: "budgets",
  window,
  tookMs: 1,
  rows: 1,
  bytesScanned: 0,
  truncated: false,
};
const text = (name: string, value: string): Column => ({ name, type: "text", values: [value] });
const number = (name: string, value: number): Column => ({
  name,
  type: "number",
  values: Float64Array.of(value),
});
const reported: Outcome = {
  kind: "data",
  frame: {
    length: 1,
    columns: [
      ...[text("name", "orders available"), text("service", "checkout"), text("state", "breached")],
      ...[number("target", 0.999), number("attained", 0.9985)],
      ...[number("budget_left", -0.04), number("burn_rate", 10)],
    ],
  },
  provenance,
  gaps: [],
};

/** The tool over one source that answers as told; no objective is declared. */
function status(answer: Outcome, answers: Source["answers"] = ["slos"]) {
  const source: Source = {
    name: "signals",
    signals: ["metrics"],
    answers,
    guide: "",
    probe: async () => ({ state: "ready", lines: [] }),
    run: async () => answer,
    close: async () => {},
  };
  const { signal } = new AbortController();
  const telemetry = openTelemetry([source], {
    ...{ clock: systemClock, signal, readTimeoutMs: 1_000, bytesMax: 1e9 },
  });
  const alarm = { service: null, metric: null, name: "", labels: {}, firedAt: 0, summary: "" };
  const baseline = { from: -3_600_000, to: 0 };
  const rest = { kpis: [], slos: [], findings: [], diagnosis: null, now: window.to, signal };
  const context = { telemetry, alarm, window, baseline, ...rest } as unknown as ToolContext;
  return getSloStatus.run({}, context);
}

it("shows objectives that the telemetry system keeps itself, with their numbers for the report", async () => {
  const result = await status(reported);
  expect(result).toMatchObject({
    kind: "data",
    output: { findings: [{ service: "checkout", kind: "slo", value: 10, unit: "times" }] },
    findings: [{ facts: { sloStatus: { budgetLeft: -0.04, burnRate: 10 } } }],
  });
});

it("says that kept objectives could not be read, and asks for none where no source has any", async () => {
  const { frame: _, kind: __, gaps: ___, ...rest } = reported as Extract<Outcome, { kind: "data" }>;
  const failed: Outcome = {
    ...{ ...rest, kind: "failed", reason: "denied", message: "not allowed", retryable: false },
  };
  const denied = await status(failed);
  expect(denied).toMatchObject({ kind: "empty" });
  expect(denied.kind !== "failed" && denied.gaps).toContainEqual(
    expect.objectContaining({ what: "reported objectives", why: "not allowed" }),
  );
  const none = await status(failed, ["alarms"]);
  expect(none.kind !== "failed" && none.gaps.map(({ what }) => what)).not.toContain(
    "reported objectives",
  );
});
