/** Why something was refused or could not be done, said to whoever asked for it. */
export const jaRefusals: readonly (readonly [RegExp, string])[] = [
  [/^Nothing is running for (\S+)\.$/, "{1} の調査は実行中ではありません。"],
  [/^There is no report for (\S+) yet\.$/, "{1} のレポートはまだありません。"],
  [/^There is no incident (\S+)\.$/, "{1} というインシデントはありません。"],
  [/^A priority is changed with a reason: say why\.$/, "優先度の変更には理由が必要です。"],
  [/^Runbook "(.+)" has no action "(.+)"\.$/, "手順書「{1}」に「{2}」という操作はありません。"],
  [
    /^No telemetry source is configured\. Add `sources` to shodo\.yaml .*$/s,
    "データの取得元が未設定です。設定ファイルに追加してください",
  ],
  [/^\S+ was already run with exactly this input\.?$/, "同じ条件で実行済みです"],
  [/^\S+ was not run: the investigation was stopped\.?$/, "調査が停止されたため実行していません"],
  [/^\S+ was not run: its .+ are spent\.?$/, "調査の上限に達したため実行していません"],
  [/^There is no tool "(.+)"\.?$/, "「{1}」という照会はありません"],
  [/^There is no computed cause "(.+)"\.?$/, "「{1}」は計算された原因の候補にありません"],
  [/^There is no result "(.+)"\.?$/, "「{1}」という結果はありません"],
  [/^Evidence (.+) does not exist\.?$/, "根拠 {1} は存在しません"],
  [/^The (?:reason|answer) was not accepted: .+$/s, "根拠で裏付けられない記述は採用していません"],
  [/^\S+ broke \(.+\)\.?$/, "照会中に内部の不具合が起きました"],
  [/^[a-z_]+: ✖ .*$/s, "照会の条件が正しくありません"],
];
