import { describe, expect, it } from "vitest";
import type { StepBody } from "../../core/step.ts";
import { wordsOf } from "../messages/words.ts";
import { japaneseReport } from "../testing/japanese-report.ts";
import { sampleCase, sampleIncident, sampleRunbook } from "../testing/sample-case.ts";
import { noUsage } from "../testing/sample-steps.ts";
import { shownTexts } from "../testing/shown-texts.ts";
import { allViews } from "../testing/view-gallery.ts";
import { refusalView } from "./notes.ts";
import { advance, noProgress, planBlock } from "./progress.ts";

/** Names: of products, services, systems, people and levels, which no language translates. */
const names =
  /\b(?:Shodo|Slack|SLO|ID|UTC|P[0-3]|EUR|CloudWatch|X-Ray|xray:\w+|AWS|IAM|builtin|checkout|orders|payments|orders-db|db-pool|http_5xx_share|availability|connections|share|slack|roles|yaml|investigate|invite|ms|min|ERROR|Effect|Allow|Action|Resource)\b/g;

/** English words that are left once names, titles, commands, code, quotes and ids are gone. */
function english(text: string): string[] {
  const bare = text
    .replace(/Tune pool settings|eu-west-1|in use|Investigate this|^aws ecs .*/g, " ")
    .replace(/<!date[^>]*>|<[@#][^>]*>|https?:\S+/g, " ")
    .replace(/`[^`]*`|“[^”]*”|「[^」]*」|\{[^}]*\}/g, " ")
    .replace(/\b\w*\d\w*\b/g, " ")
    .replace(names, " ");
  return bare.match(/[A-Za-z]{3,}/g) ?? [];
}

function japaneseCase() {
  const incident = sampleIncident({ title: "checkout の失敗が増加" });
  const [action] = sampleRunbook.actions;
  return sampleCase({
    language: "ja",
    incident,
    report: { ...japaneseReport(), title: "checkout の失敗が増加" },
    runbook: action
      ? {
          name: sampleRunbook.name,
          action: { ...action, name: "前の版に戻す", blastRadius: "orders が再起動します" },
        }
      : null,
  });
}

describe("a Japanese conversation", () => {
  for (const [name, view] of Object.entries(allViews("ja", japaneseCase()))) {
    it(`has no English word of ours: ${name}`, () => {
      const left = shownTexts(view).flatMap((text) => english(text).map((word) => [word, text]));
      expect(left).toEqual([]);
    });
  }

  it("names queries, what they found and why they failed in Japanese", () => {
    const failures = [
      "xray:BatchGetTraces is not allowed; add {} to the policy.",
      "The AWS credentials have expired; sign in again.",
      "AWS did not answer in the time this read had; narrow it down.",
      "The recording could not read traces: アクセス拒否",
      "analyze_traces was already run with exactly this input.",
      "analyze_traces was not run: its tool calls are spent.",
      "analyze_traces: ✖ Invalid input → at services",
      "The reason was not accepted: it holds markup, a link, or a number that no cited finding states.",
    ];
    const shared = { input: {}, because: "slowest requests of checkout" };
    const results: StepBody[] = failures.flatMap((message, i) => [
      { kind: "tool-call", callId: `f${i}`, tool: "analyze_traces", ...shared },
      {
        kind: "tool-result",
        callId: `f${i}`,
        tool: "analyze_traces",
        result: { kind: "failed", reason: "denied", message, next: "", retryable: false },
        evidence: [],
        tookMs: 1,
      },
    ]);
    const rest: StepBody[] = [
      { kind: "tool-call", callId: "e", tool: "search_logs", ...shared },
      {
        kind: "tool-result",
        callId: "e",
        tool: "search_logs",
        result: { kind: "empty", searched: "logs of checkout", reasons: [], next: "", gaps: [] },
        evidence: [],
        tookMs: 1,
      },
      { kind: "tool-call", callId: "c", tool: "list_changes", ...shared },
      {
        kind: "tool-result",
        callId: "c",
        tool: "list_changes",
        result: { kind: "data", output: { changes: [{}, {}] }, findings: [], gaps: [] },
        evidence: [],
        tookMs: 1,
      },
      { kind: "final", status: "complete", stoppedBy: null },
    ];
    const words = wordsOf("ja");
    const progress = [...results, ...rest].reduce(
      (state, body, i) =>
        advance(
          state,
          { ...body, number: i + 1, at: i, usage: noUsage },
          { words, titleOf: (tool) => tool, linkHosts: [] },
        ),
      noProgress(words, 0),
    );
    const texts = shownTexts(planBlock(progress, words));
    expect(texts).toContain("変更の一覧");
    expect(texts).toContain("2 件");
    expect(texts.flatMap(english)).toEqual([]);
  });

  it.each([
    "Nothing is running for {}.",
    "There is no report for {} yet.",
    "There is no incident {}.",
    "A priority is changed with a reason: say why.",
    'Runbook "{}" has no action "{}".',
    "A fault inside Shodo ended it; its log names the fault.",
    "No telemetry source is configured. Add `sources` to shodo.yaml (shodo init), or try shodo demo.",
  ])("says in Japanese why something was refused: %s", (message) => {
    const shown = shownTexts(refusalView(message.replaceAll("{}", "決済"), "ja"));
    expect(shown.flatMap(english)).toEqual([]);
  });
});
