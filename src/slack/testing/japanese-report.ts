import type { Report } from "../../core/report.ts";
import type { StepBody } from "../../core/step.ts";
import { sampleReport } from "./sample-report.ts";
import { sampleSteps } from "./sample-steps.ts";

/** The sample run as an investigation for a Japanese channel tells it. */
export function japaneseSteps(): StepBody[] {
  return sampleSteps.map((step) => {
    if (step.kind === "hypothesis-moved") {
      const mechanism = "デプロイ 8f31c2 で orders のコネクションプールが縮小";
      return { ...step, hypothesis: { ...step.hypothesis, mechanism } };
    }
    if (step.kind !== "tool-result") return step;
    const { result } = step;
    if (result.kind === "failed") {
      const message = "xray:BatchGetTraces took too long.";
      return { ...step, result: { ...result, message } };
    }
    if (result.kind !== "data") return step;
    const statement = "checkout: 5xx の割合が 0.2% から 18.4% に上昇(09:01)";
    const findings = result.findings.map((finding) => ({ ...finding, statement }));
    return { ...step, result: { ...result, findings } };
  });
}

/** The sample report as an investigation for a Japanese channel writes it. */
export function japaneseReport(): Report {
  const report = sampleReport();
  const said = [
    "checkout: 5xx の割合が 0.2% から 18.4% に上昇(09:01)",
    "orders-db: 使用中の接続が上限の 100 に到達(08:59)",
    "orders へのデプロイ 8f31c2(08:57)は異常の始まりの2分前で、プールの大きさを変更",
    "orders に新しい ERROR ログが 1,204 件出現: “timeout acquiring connection”",
    "毎分の注文数が 212 から 131 に低下",
    "payments: 応答時間とエラーは通常の範囲内",
  ];
  const mechanisms = [
    "デプロイでコネクションプールが縮小し、接続待ちのリクエストがタイムアウトして checkout が 5xx を返しています",
    "データベース自体の接続が枯渇しています",
  ];
  const moments = [
    "orders へのデプロイ 8f31c2: Tune pool settings",
    "orders-db: 接続が上限に到達",
    "orders: 最初の接続タイムアウト",
    "checkout: 5xx の割合が 2% を超過",
    "アラームが発報",
  ];
  const steps = ["orders を 8f31c2 の前の版へ戻す", "orders-db の接続数を15分間確認する"];
  return {
    ...report,
    language: "ja",
    summary:
      "orders がデータベース接続を得られず、checkout へのリクエストの 18% が失敗しています。原因は、orders のプールを 50 から 5 に減らしたデプロイ 8f31c2 です。",
    rootCauses: report.rootCauses.map((cause, i) => ({ ...cause, mechanism: mechanisms[i] ?? "" })),
    ruledOut: [
      { claim: "payments が原因", because: "応答時間もエラーも変化していない", evidence: ["E6"] },
    ],
    impact: { ...report.impact, users: "checkout へのリクエストの 18% が失敗" },
    timeline: report.timeline.map((item, i) => ({ ...item, text: moments[i] ?? "" })),
    actions: report.actions.map((action, i) => ({
      ...action,
      text: steps[i] ?? "",
      risk: i === 0 ? "同じデプロイの他の変更も戻る" : "",
    })),
    evidence: report.evidence.map((item, i) => ({ ...item, statement: said[i] ?? "" })),
    gaps: [
      {
        what: "payments のトレース",
        why: "アクセス拒否 (xray:BatchGetTraces)",
        effect: "遅延への影響は不明です",
      },
    ],
  };
}
