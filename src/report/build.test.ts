import { describe, expect, it } from "vitest";
import { findingStatements } from "../core/finding-statements.ts";
import { reportSchema } from "../core/report.ts";
import { buildReport } from "./build.ts";
import { languageCodes, statementIn, wordsOf } from "./languages.ts";
import { en } from "./messages/en.ts";
import { ja } from "./messages/ja.ts";
import * as inputs from "./testing/inputs.ts";
import { leak } from "./testing/leak-case.ts";

const all = [inputs.confirmed, inputs.inconclusive, inputs.healthy, inputs.unreadable];

describe("buildReport", () => {
  it("says in exactly two sentences what is broken for whom, and why", () => {
    for (const input of all) {
      const { summary } = buildReport(input);
      expect(summary.match(/\.(?= |$)/g), summary).toHaveLength(2);
      const japanese = buildReport({ ...input, language: "ja" }).summary;
      expect(japanese.match(/。/g), japanese).toHaveLength(2);
    }
  });

  it("tells how sure it is in one word", () => {
    expect(all.map((input) => buildReport(input).conclusion)).toEqual([
      "confirmed",
      "inconclusive",
      "no-incident",
      "inconclusive",
    ]);
  });

  it("leaves out what is not in the ledger instead of citing it", () => {
    const report = buildReport({
      ...inputs.confirmed,
      evidence: inputs.confirmed.evidence.slice(0, 1),
    });
    expect(report.rootCauses[0]?.supporting).toEqual(["E1"]);
    expect(report.priority.factors.flatMap((factor) => factor.evidence)).toEqual([]);
  });

  it("is refused when a claim cites evidence that does not exist", () => {
    const report = buildReport(inputs.confirmed);
    const [action] = report.actions;
    const forged = { ...report, actions: [{ ...action, evidence: ["E99"] }] };
    expect(reportSchema.safeParse(forged).error?.issues[0]?.message).toContain("E99");
  });

  it("puts changes before onset, onset, symptoms, alarm and recovery in the order of time", () => {
    const { timeline } = buildReport(inputs.confirmed);
    expect(timeline.map((entry) => entry.kind)).toEqual([
      "change",
      "onset",
      "symptom",
      "symptom",
      "alarm",
      "recovery",
    ]);
    expect(timeline.map((entry) => entry.at)).toEqual(timeline.map((entry) => entry.at).sort());
  });

  it("names no further explanation without evidence", () => {
    const diagnosis = inputs.confirmed.diagnosis;
    const bare = {
      ...leak,
      key: "service:idle",
      service: "idle",
      change: null,
      supporting: [],
      contradicting: [],
    };
    const told = (hypotheses: (typeof leak)[]) =>
      buildReport({
        ...inputs.confirmed,
        diagnosis: diagnosis && { ...diagnosis, hypotheses },
      }).rootCauses.map((cause) => cause.service);
    expect(told([leak, bare])).toEqual(["checkout"]);
    expect(told([bare])).toEqual(["idle"]);
  });

  it("leads with the remedy of the first cause, even when it must be checked before", () => {
    expect(buildReport(inputs.confirmed).actions[0]).toMatchObject({
      kind: "rollback",
      runbook: "connection-pool-exhaustion",
      command: "kubectl rollout undo deployment/checkout",
    });
    const [first, ...rest] = buildReport(inputs.inconclusive).actions;
    expect(first?.kind).toBe("escalate-upstream");
    expect(first?.text).toMatch(/^Only if that holds/);
    expect(rest.map((action) => action.kind)).toEqual(["monitor", "monitor", "monitor"]);
  });

  it("offers no command that takes back another kind of change than the guilty one", () => {
    const change = leak.change && { ...leak.change, kind: "infrastructure" as const };
    const diagnosis = inputs.confirmed.diagnosis;
    const [remedy] = buildReport({
      ...inputs.confirmed,
      diagnosis: diagnosis && { ...diagnosis, hypotheses: [{ ...leak, change }] },
    }).actions;
    expect(remedy).toMatchObject({ kind: "rollback", runbook: "connection-pool-exhaustion" });
    expect(remedy?.command).toBeUndefined();
  });

  it("names the flag to turn off by its name, without the count of its changes", () => {
    const change = leak.change && { ...leak.change, kind: "flag" as const, ref: "flag/new-tax#7" };
    const flagged = { ...leak, change, remediation: "feature-flag-disable" as const };
    const [match] = inputs.confirmed.runbooks;
    const [action] = match?.runbook.actions ?? [];
    if (!match || !action) throw new Error("the input has no runbook");
    const off = { ...action, name: "Turn the flag off", command: "off <ref>", undoes: [] };
    const diagnosis = inputs.confirmed.diagnosis;
    const [remedy] = buildReport({
      ...inputs.confirmed,
      diagnosis: diagnosis && { ...diagnosis, hypotheses: [flagged] },
      runbooks: [{ ...match, runbook: { ...match.runbook, actions: [off] } }],
    }).actions;
    expect(remedy?.command).toBe("off new-tax");
  });

  it("does not fill names that could carry a command into one", () => {
    const hostile = { ...leak, service: "a; rm -rf /", change: null };
    const diagnosis = inputs.confirmed.diagnosis;
    const report = buildReport({
      ...inputs.confirmed,
      diagnosis: diagnosis && { ...diagnosis, hypotheses: [hostile] },
    });
    expect(report.actions[0]?.command).toBe("kubectl rollout undo deployment/<service>");
  });

  it("says nothing of causes when nothing is wrong", () => {
    const report = buildReport(inputs.healthy);
    expect(report).toMatchObject({
      rootCauses: [],
      firstFailing: null,
      blastRadius: [],
      onset: null,
    });
  });
});

describe("languages", () => {
  it("are known by their code, with English where there is none", () => {
    expect(languageCodes).toEqual(["en", "ja"]);
    expect(wordsOf("ja-JP").code).toBe("ja");
    expect(wordsOf("tlh").code).toBe("en");
  });

  it("fill the same places in every message", () => {
    const places = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
    const dropped = Object.entries(ja).flatMap(([key, text]) => {
      const english = places(en[key as keyof typeof en]);
      const unknown = places(text ?? "").filter((place) => !english.includes(place));
      return unknown.length > 0 ? [`${key}: ${unknown.join(" ")}`] : [];
    });
    expect(dropped).toEqual([]);
  });

  it("say in Japanese what was ruled out and what a gap does", () => {
    const base = { ...inputs.confirmed, language: "ja" };
    const report = buildReport({
      ...base,
      diagnosis: base.diagnosis && {
        ...base.diagnosis,
        ruledOut: [
          {
            claim: "flag f#1 caused it",
            because: "nothing in flag/f#1 of web at 08:24 explains what is seen",
            said: {
              claim: { id: "ruled-out.change", params: { kind: "flag", ref: "f#1" } },
              because: {
                id: "change.unexplained",
                params: { change: "flag/f#1 of web at 08:24" },
              },
            },
            findings: [],
          },
        ],
      },
      gaps: [{ what: "logs", why: "denied", effect: "nothing is known from logs" }],
    });
    expect(report.ruledOut[0]).toMatchObject({
      claim: "フラグ変更 f#1 が原因",
      because: "web の flag/f#1(08:24)には、観測された症状を説明するものがない",
    });
    expect(report.gaps[0]?.effect).toBe("ログからは何も分かりません");
    const listed = base.diagnosis?.hypotheses[0]?.mechanism ?? "";
    const [ruledOut] = buildReport({
      ...base,
      diagnosis: base.diagnosis && {
        ...base.diagnosis,
        ruledOut: [{ claim: listed, because: "y", findings: [], isDisputed: true }],
      },
    }).ruledOut;
    expect(ruledOut?.claim).toBe(report.rootCauses[0]?.mechanism);
    expect(ruledOut?.because).toBe("y(モデルの見解。計算による順位には残っている)");
  });

  it("say every sentence of a finding in Japanese", () => {
    const missing = Object.keys(findingStatements).filter((id) => !(id in ja));
    expect(missing).toEqual([]);
  });

  it("translate the phrases inside a sentence", () => {
    const item = {
      statement: "checkout logs a new ERROR line, 24 times (1.14 per call): “x”",
      message: {
        id: "finding.log-new",
        params: {
          service: "checkout",
          severity: "ERROR",
          count: 24,
          rate: "1.14 per call",
          quote: "“x”",
        },
      },
    };
    expect(statementIn(wordsOf("ja"), item)).toBe(
      "checkout に新しい ERROR ログが 24 件出現(呼び出し1回あたり 1.14 件): “x”",
    );
    expect(statementIn(wordsOf("en"), item)).toBe(item.statement);
  });
});
