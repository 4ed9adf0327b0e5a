import { afterAll, beforeAll, expect, it } from "vitest";
import { requestBy } from "../../core/investigation-request.ts";
import { localPrincipal } from "../../core/principal.ts";
import type { Report } from "../../core/report.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { demoIncidents } from "../demo-incidents.ts";
import { type OpenedAnalyst, openAnalyst } from "../open-analyst.ts";

const signal = new AbortController().signal;
let opened: OpenedAnalyst;
let report: Report;

beforeAll(async () => {
  const made = { configFile: undefined, model: "builtin", clock: systemClock };
  opened = await openAnalyst({ ...made, ids: randomIds(systemClock), storePath: ":memory:" });
  const capture = demoIncidents()[0]?.folder ?? "";
  report = await opened.analyst.investigate(requestBy(localPrincipal, { capture }));
});
afterAll(() => opened.close());

const isSelect = (query: string) => /^(SELECT|WITH)\b/.test(query);
const rerun = (evidence: string, rowsMax = 5) =>
  opened.rerun({ incident: report.id, evidence, rowsMax, signal });

it("answers again every query that the report's evidence was computed from", async () => {
  const byQuery = new Map(
    report.evidence.flatMap((each) =>
      each.provenance.map(({ query }) => [query, each.id] as const),
    ),
  );
  expect(byQuery.size).toBeGreaterThan(5);
  const answers = new Map<string, string>();
  for (const [, id] of byQuery) {
    for (const query of (await rerun(id)).queries) {
      const { answer } = query;
      answers.set(query.text, answer.kind === "failed" ? answer.why : answer.kind);
    }
  }
  const files = [...answers].filter(([query]) => !isSelect(query));
  expect(files).toEqual([
    ["topology.json", "topology.json is read as it is; there is no query to run."],
  ]);
  const queries = [...answers].filter(([query]) => isSelect(query));
  expect(queries.filter(([, answer]) => answer !== "data")).toEqual([]);
});

it("shows as many rows as are wanted, with times as ISO 8601, and says when there are more", async () => {
  const series = report.evidence.find(({ kind }) => kind === "anomaly");
  const { queries } = await rerun(series?.id.toLowerCase() ?? "", 2);
  const [first] = queries;
  expect(first?.answer).toMatchObject({ kind: "data", isCut: true });
  if (first?.answer.kind !== "data") return;
  expect(first.answer.rows).toHaveLength(2);
  const at = first.answer.columns.indexOf("at");
  expect(first.answer.rows[0]?.[at]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
});

it("says which evidence there is when asked for another, and that an incident is unknown", async () => {
  await expect(rerun("E999")).rejects.toThrow(
    /^There is no evidence "E999" in it; there is E1 to E\d+\.$/,
  );
  const wanted = { incident: "inc_none", evidence: "E1", rowsMax: 1, signal };
  await expect(opened.rerun(wanted)).rejects.toThrow(
    'There is no report of an incident "inc_none".',
  );
});
