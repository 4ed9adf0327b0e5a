import { describe, expect, it } from "vitest";
import { buildReport } from "./build.ts";
import { languageCodes } from "./languages.ts";
import { renderMarkdown } from "./markdown.ts";
import * as inputs from "./testing/inputs.ts";

const cases = [
  ["confirmed", inputs.confirmed],
  ["inconclusive", inputs.inconclusive],
  ["no-incident", inputs.healthy],
  ["unreadable", inputs.unreadable],
] as const;

describe.each(languageCodes)("a report in %s", (language) => {
  it.each(cases)("reads well when %s", async (name, input) => {
    const markdown = renderMarkdown(buildReport({ ...input, language }));
    await expect(markdown).toMatchFileSnapshot(`__fixtures__/${name}.${language}.md`);
  });
});

describe("renderMarkdown", () => {
  it("says verdict, priority and the first step before anything else", () => {
    const first = renderMarkdown(buildReport(inputs.confirmed)).split("\n").slice(0, 14).join("\n");
    expect(first).toMatch(/^# P0 · /);
    expect(first).toContain("**Confirmed**");
    expect(first).toContain("act within 15 minutes");
    expect(first).toContain("kubectl rollout undo deployment/checkout");
  });

  it("gives every cited id a place to land on", () => {
    for (const [, input] of cases) {
      const markdown = renderMarkdown(buildReport(input));
      const targets = [...markdown.matchAll(/\]\(#(e\d+)\)/g)].map((match) => match[1]);
      for (const target of targets) expect(markdown).toContain(`<a id="${target}"></a>`);
    }
  });

  it.each([
    ["read whole", {}, [], "No change is to blame."],
    [
      "read in part",
      { isPartial: true },
      ["changes from cloudtrail"],
      "None of the changes that were read is to blame; not read: changes from cloudtrail.",
    ],
    ["not read", {}, ["changes"], "Changes could not be read, so none could be blamed."],
  ])("clears no change that it has not seen: changes are %s", (_, more, unread, said) => {
    const report = buildReport(inputs.confirmed);
    const rootCauses = report.rootCauses.map((cause) => ({ ...cause, change: null }));
    const own = { why: "denied", effect: "", signal: "changes" as const, ...more };
    // A gap of another signal that happens to speak of changes is none of changes.
    const other = { ...own, what: "logs", effect: "reads as a change", signal: "logs" as const };
    const gaps = [other, ...unread.map((what) => ({ ...own, what }))];
    expect(renderMarkdown({ ...report, rootCauses, gaps })).toContain(said);
  });

  it("quotes telemetry beside a statement that does not say it word for word", () => {
    const report = buildReport(inputs.confirmed);
    const [first] = report.evidence;
    if (!first) throw new Error("the report has no evidence");
    const quoting = (statement: string) =>
      renderMarkdown({ ...report, evidence: [{ ...first, statement, quote: "order placed" }] });
    const fenced = "```text\n  order placed\n";
    expect(quoting("checkout logs less")).toContain(fenced);
    expect(quoting("checkout logs less: “order placed”")).not.toContain(fenced);
  });

  it("embeds charts by their files", () => {
    const charts = [{ name: "signals", title: "Key signals" }];
    expect(renderMarkdown(buildReport(inputs.confirmed), { charts })).toContain(
      "![Key signals](signals.png)",
    );
  });
});
