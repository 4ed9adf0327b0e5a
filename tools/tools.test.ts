import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoIncidents } from "../src/app/demo-incidents.ts";
import { type OpenedAnalyst, openAnalyst } from "../src/app/open-analyst.ts";
import type { Outcome, Provenance } from "../src/core/outcome.ts";
import { localPrincipal } from "../src/core/principal.ts";
import { type QueryKind, signalOf } from "../src/core/query.ts";
import type { Source } from "../src/core/source.ts";
import type { Tool, ToolContext, ToolResult } from "../src/core/tool.ts";
import { systemClock } from "../src/platform/clock.ts";
import { randomIds } from "../src/platform/ids.ts";
import { prioritySettingsSchema } from "../src/priority/settings.ts";
import { openTelemetry } from "../src/sources/telemetry.ts";
import { tools } from "./index.ts";

const files = globSync("*.ts", { cwd: import.meta.dirname }).filter(
  (file) => !file.endsWith(".test.ts") && file !== "index.ts",
);
const window = { from: Date.UTC(2026, 0, 1, 10), to: Date.UTC(2026, 0, 1, 11) };
const baseline = { from: Date.UTC(2026, 0, 1, 9), to: window.from };
const { signal } = new AbortController();

describe("every tool", () => {
  it("has one file of its name", () => {
    const expected = tools.map((tool) => `${tool.name.replaceAll("_", "-")}.ts`);
    expect(files.length).toBeGreaterThan(10);
    expect(files.toSorted()).toEqual(expected.toSorted());
  });

  it.each(tools)("$name reads and never writes", ({ annotations }) => {
    expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
  });

  it.each(tools)("$name does not ask a source or a tool for its name", ({ name }) => {
    const text = readFileSync(join(import.meta.dirname, `${name.replaceAll("_", "-")}.ts`), "utf8");
    expect(text).not.toMatch(/cloudwatch|athena|x-?ray|duckdb|prometheus/i);
  });
});

describe("over a recording, every tool", () => {
  let opened: OpenedAnalyst;
  const capture = demoIncidents()[0]?.folder ?? "";
  beforeAll(async () => {
    const made = { configFile: undefined, model: "builtin", clock: systemClock };
    opened = await openAnalyst({ ...made, ids: randomIds(systemClock), storePath: ":memory:" });
  });
  afterAll(() => opened.close());

  it.each(tools)(
    "$name answers as its output schema says, with findings that can be computed again",
    {
      timeout: 60_000,
    },
    async (tool) => {
      const scope = { principal: localPrincipal, incident: null, window: null, capture, signal };
      const result = await opened.analyst.call(tool.name, {}, scope);
      if (result.kind === "empty") {
        expect(result.searched).not.toBe("");
        expect(result.next).not.toBe("");
        return;
      }
      if (result.kind !== "data") throw new Error(JSON.stringify(result));
      expect(tool.output.safeParse(result.output).error).toBeUndefined();
      const keys = result.findings.map((finding) => finding.key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const finding of result.findings) {
        expect(finding.statement, finding.key).toMatch(/\S/);
        expect(finding.provenance.length, finding.key).toBeGreaterThan(0);
      }
    },
  );
});

/** What `tool` answers when each of its reads ends as `outcome`, and how many reads it made. */
async function over(
  tool: Tool,
  outcome: (provenance: Provenance) => Outcome,
): Promise<{ result: ToolResult; reads: number }> {
  let reads = 0;
  const source: Source = {
    name: "answers-alike",
    signals: [...new Set(Object.values(signalOf))],
    answers: Object.keys(signalOf) as QueryKind[],
    guide: "",
    probe: async () => ({ state: "ready", lines: [] }),
    run: async ({ kind }) => {
      reads += 1;
      const counted = { tookMs: 1, rows: 0, bytesScanned: 0, truncated: false };
      return outcome({
        source: "answers-alike",
        signal: signalOf[kind],
        query: kind,
        window,
        ...counted,
      });
    },
    close: async () => {},
  };
  const telemetry = openTelemetry([source], {
    clock: systemClock,
    signal,
    readTimeoutMs: 1_000,
    bytesMax: 1e9,
  });
  const context: ToolContext = {
    telemetry,
    alarm: {
      fingerprint: "a",
      sender: "test",
      name: "checkout is bad",
      service: "checkout",
      resource: null,
      metric: null,
      threshold: null,
      observed: null,
      severity: null,
      state: "firing",
      firedAt: window.from,
      summary: "checkout is bad",
      labels: {},
      link: null,
      raw: null,
    },
    window,
    baseline,
    kpis: [{ name: "orders", metric: "orders", direction: "up-is-good" }],
    slos: [],
    runbooks: [],
    priority: prioritySettingsSchema.parse({}),
    findings: [],
    diagnosis: null,
    now: window.to,
    signal,
  };
  return { result: await tool.run(tool.input.parse({}), context), reads };
}

/** Tools that work on what was found before, or on words of ours. */
const readsNothing = new Set<string>(["search_runbooks"]);

describe("three-valued data", () => {
  it.each(tools)("$name never shows a read that failed as nothing found", async (tool) => {
    const { result, reads } = await over(tool, (provenance) => ({
      kind: "failed",
      reason: "denied",
      message: "not allowed to read",
      retryable: false,
      provenance,
    }));
    if (readsNothing.has(tool.name)) return expect(reads).toBe(0);
    expect(reads).toBeGreaterThan(0);
    if (result.kind === "failed") return;
    expect(result.gaps.map((gap) => gap.why)).toContain("not allowed to read");
  });

  it.each(tools)("$name makes no finding of telemetry that holds nothing", async (tool) => {
    const { result } = await over(tool, (provenance) => ({
      kind: "empty",
      searched: "everything",
      reasons: [],
      next: "look elsewhere",
      provenance,
      gaps: [],
    }));
    expect(result.kind).not.toBe("failed");
    const findings = result.kind === "data" ? result.findings : [];
    expect(findings.filter((finding) => finding.kind === "anomaly")).toEqual([]);
  });
});
