import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { requestBy } from "../../core/investigation-request.ts";
import { localPrincipal } from "../../core/principal.ts";
import type { Report } from "../../core/report.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { renderMarkdown } from "../../report/markdown.ts";
import { openAnalyst } from "../open-analyst.ts";

const incidents = join(import.meta.dirname, "../../../examples/incidents");
const cases = readdirSync(incidents, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(incidents, entry.name));

/** Everything the report says in sentences of ours; names, quotes and queries are telemetry's. */
function sentencesOf(report: Report): string[] {
  return [
    report.summary,
    report.impact.users,
    ...report.rootCauses.map((cause) => cause.mechanism),
    ...report.ruledOut.flatMap((item) => [item.claim, item.because]),
    ...report.priority.factors.map((factor) => factor.statement),
    ...report.actions.flatMap((action) => [action.text, action.risk]),
    ...report.evidence.map((item) => item.statement),
    ...report.gaps.flatMap((gap) => [gap.what, gap.why, gap.effect]),
    ...report.similar.map((item) => item.why),
    ...report.timeline.filter((item) => item.kind !== "change").map((item) => item.text),
  ];
}

/** Names that people gave to KPIs, objectives and alarms stand in a sentence as they are. */
function withoutNames(text: string, names: readonly string[]): string {
  return names
    .reduce((rest, name) => rest.replaceAll(name, "…"), text)
    .replace(/“[^”]*”?|「[^」]*」?|"[^"…]*["…]|`[^`]*`|\[[^\]]*\]|AccessDenied: .*$/g, "…");
}

it("writes every sentence of every recorded incident in Japanese", async () => {
  const made = { configFile: undefined, model: "builtin", clock: systemClock };
  const opened = await openAnalyst({ ...made, ids: randomIds(systemClock), storePath: ":memory:" });
  try {
    const english: string[] = [];
    for (const capture of cases) {
      const report = await opened.analyst.investigate(
        requestBy(localPrincipal, { language: "ja", capture }),
      );
      const { business, slos } = report.impact;
      const names = [
        report.title,
        ...report.timeline.filter((item) => item.kind === "alarm").map((item) => item.text),
        ...[...business.map((item) => item.kpi), ...slos.map((item) => item.name)],
        ...report.rootCauses.flatMap((cause) => cause.change?.title ?? []),
      ];
      expect(renderMarkdown(report)).toMatch(/[ぁ-ん]/);
      for (const sentence of sentencesOf(report)) {
        // Three plain English words in a row are a sentence that nobody translated.
        if (/\b[a-z]{2,}( [a-z']{2,}){2}/.test(withoutNames(sentence, names))) {
          english.push(sentence);
        }
      }
    }
    expect(cases.length).toBeGreaterThan(10);
    expect([...new Set(english)]).toEqual([]);
  } finally {
    await opened.close();
  }
}, 120_000);
