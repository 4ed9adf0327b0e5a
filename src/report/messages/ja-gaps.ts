/**
 * What could not be read, why, and what that does to the answer: by the English words of the part
 * that could not read it. Names of systems, permissions and others' own words stay as they are.
 */
export const jaGaps: readonly (readonly [RegExp, string])[] = [
  ...signalPatterns(),
  ...toolPatterns(),
  ...reasonPatterns(),
  [/^reported objectives$/i, "登録済みの SLO"],
  [/^rare log lines$/i, "まれなログ"],
  [/^log patterns of (\d+) services$/i, "{1} サービスのログパターン"],
  [/^log patterns of (.+)$/i, "{1} のログパターン"],
  [/^the log groups (.+)$/i, "ロググループ {1}"],
  [/^the objective (.+)$/i, "SLO {1}"],
  [/^the rows of (\d+) queries$/i, "{1} 件のクエリの行"],
  [/^the ends of (\d+) long lines$/i, "長いログ {1} 行の末尾"],
  [/^the worst of (\d+) CloudWatch metrics$/i, "CloudWatch メトリクス {1} 件のうち最悪のもの"],
  [/^(\d+) CloudWatch series, (\S+) to (\S+)$/i, "CloudWatch のメトリクス系列 {1} 件({2}〜{3})"],
  [/^(\d+) CloudWatch series$/i, "CloudWatch のメトリクス系列 {1} 件"],
  [/^CloudWatch metrics$/i, "CloudWatch のメトリクス"],
  [/^deployments of (.+)$/i, "{1} のデプロイ"],
  [/^CloudTrail changes before the last (\d+) days$/i, "{1}日より前の CloudTrail の変更"],
  [/^whole traces of Transaction Search$/i, "Transaction Search のトレース全体"],
  [/^(\d+) segments of X-Ray$/i, "X-Ray のセグメント {1} 件"],
  [/^(\d+) spans of (.+)$/i, "{2} のスパン {1} 件"],
  [/^(\w+) of the capture$/i, "記録の {1}"],
  [/^metrics of the window$/, "対象期間のメトリクス"],
  [/^logs of the window$/, "対象期間のログ"],
  [/^traces of the window$/, "対象期間のトレース"],
  [
    /^no service has any; the last before it are of (.+)$/,
    "どのサービスにもありません。直前の記録は {1} です",
  ],
  [
    /^whether services or their recording stopped is not known\.?$/i,
    "サービスが止まったのか、記録が止まったのかは分かりません",
  ],
  [/^X-Ray of (.+)$/i, "{1} の X-Ray"],
  [
    /^(\S+) is not allowed; add (.+) to the policy\.?$/,
    "{1} の権限がありません。ポリシーに {2} を追加してください",
  ],
  [/^The read is not allowed by the policy\.?$/, "ポリシーで読み取りが許可されていません"],
  [
    /^The role (\S+) cannot be assumed; add (.+) to the caller's policy, and name the caller \(and the external id\) in the role's trust policy\.?$/,
    "ロール {1} を引き受けられません。呼び出し元のポリシーに {2} を追加し、ロールの信頼ポリシーに呼び出し元(と外部 ID)を記載してください",
  ],
  [
    /^The AWS credentials have expired; sign in again\.?$/,
    "AWS の認証情報の期限が切れています。サインインし直してください",
  ],
  [
    /^There are no usable AWS credentials; set a profile, a role or the environment\.?$/,
    "使える AWS の認証情報がありません。プロファイル、ロール、環境変数のいずれかを設定してください",
  ],
  [
    /^(\S+) is throttled by AWS; try again in a minute\.?$/,
    "{1} が AWS に制限されています。1分後に再試行してください",
  ],
  [/^(\S+) took too long\.?$/, "{1} に時間がかかりすぎました"],
  [
    /^AWS did not answer in the time this read had; narrow it down\.?$/,
    "AWS が時間内に応答しませんでした。範囲を絞ってください",
  ],
  [/^AWS does not accept what (\S+) asks for\.?$/, "{1} の要求を AWS が受け付けません"],
  [
    /^What (\S+) asks for does not exist in this account\.?$/,
    "{1} の対象がこのアカウントにありません",
  ],
  [
    /^No AWS region is set; set `region` of the source, or AWS_REGION\.?$/,
    "AWS リージョンが未設定です。`region` または AWS_REGION を設定してください",
  ],
  [
    /^(\S+) failed; AWS may be out of reach\.?$/,
    "{1} が失敗しました。AWS に届かない可能性があります",
  ],
  [/^The read was cancelled\.?$/, "読み取りは中止されました"],
  [
    /^The read took too long; narrow it down\.?$/,
    "読み取りに時間がかかりすぎました。範囲を絞ってください",
  ],
  [
    /^The files hold (\d+) bytes, more than this read may scan\.?$/,
    "ファイルは {1} バイトで、1回に読める量を超えています",
  ],
  [
    /^The answer does not fit into memory; narrow services or time\.?$/,
    "結果がメモリーに収まりません。サービスか期間を絞ってください",
  ],
  [
    /^No open source answers (.+); add one in shodo\.yaml\.?$/,
    "{1} に答えられる情報源がありません。shodo.yaml に追加してください",
  ],
  [
    /^A fault inside Shodo ended it; its log names the fault\.?$/,
    "Shodo の内部の不具合で終了しました。詳細はログにあります",
  ],
  [/^the answer is without them$/, "それらを除いた結果です"],
  [/^its requests over time are not known$/, "リクエスト数の推移は分かりません"],
  [/^statistics come from the other traces$/, "統計はほかのトレースに基づきます"],
  [
    /^these spans are missing from (?:their traces|the trace)$/,
    "これらのスパンはトレースから欠けています",
  ],
  [/^their lines were not looked at$/, "それらのログは調べていません"],
  [
    /^how much (?:of its budget|error budget) is left is not known$/,
    "エラーバジェットの残りは分かりません",
  ],
  [/^deployments there are unknown$/, "そこでのデプロイは分かりません"],
  [
    /^only the traces that X-Ray sampled were looked at$/,
    "X-Ray が採取したトレースだけを調べました",
  ],
  [/^only its newest changes are known$/, "最新の変更だけが分かっています"],
  [
    /^self times, and where errors begin, are not known$/,
    "自身の処理時間とエラーの起点は分かりません",
  ],
  [/^what it wrote, new or as usual, is not known$/, "何を記録したかは分かりません"],
  [/^which of these stand out is not known$/, "どれが異常かは分かりません"],
  [/^when these alarms fired before is not known$/, "これらのアラームの過去の発報は分かりません"],
  [/^these lines are cut near 1,000 characters$/, "これらの行は約1,000文字で切れています"],
  [/^CloudWatch keeps it for 30 days$/, "CloudWatch の保存期間は30日です"],
  [/^the window has not begun$/, "対象の期間がまだ始まっていません"],
];

/** `logs from CloudWatch`, with or without the stretch of time. */
function signalPatterns(): (readonly [RegExp, string])[] {
  const signals: Readonly<Record<string, string>> = {
    metrics: "メトリクス",
    logs: "ログ",
    traces: "トレース",
    changes: "変更履歴",
    topology: "呼び出し関係",
    business: "事業指標",
    alarms: "アラーム",
    slos: "SLO",
  };
  return Object.entries(signals).flatMap(([name, said]) => [
    [new RegExp(`^${name}$`), said] as const,
    [new RegExp(`^${name} from (\\S+), (\\S+) to (\\S+)$`), `{1} の${said}({2}〜{3})`] as const,
    [new RegExp(`^${name} from (.+)$`), `{1} の${said}`] as const,
    [new RegExp(`^${name} could not be read$`), `${said}を読み取れませんでした`] as const,
    [
      new RegExp(`^${name} could not be read: (.+)$`, "s"),
      `${said}を読み取れませんでした: {1}`,
    ] as const,
  ]);
}

/** A tool that could not look, by its name in words. */
function toolPatterns(): (readonly [RegExp, string])[] {
  const tools: Readonly<Record<string, string>> = {
    "analyze traces": "トレースの分析",
    "assess priority": "優先度の判定",
    "compare log patterns": "ログパターンの比較",
    "find anomalies": "異常の検出",
    "get slo status": "SLO の状況",
    "get topology": "サービスの呼び出し関係",
    "get trace": "トレースの確認",
    "list alarms": "アラームの一覧",
    "list changes": "変更の一覧",
    "list services": "サービスの一覧",
    "measure business impact": "事業への影響の測定",
    "query metrics": "メトリクスの照会",
    "rank root causes": "原因の順位付け",
    "search logs": "ログの検索",
    "search runbooks": "手順書の検索",
  };
  return Object.entries(tools).map(([name, said]) => [new RegExp(`^${name}$`), said] as const);
}

/** `denied: …`: the kind of failure, then the sentence that says what to do. */
function reasonPatterns(): (readonly [RegExp, string])[] {
  const reasons: Readonly<Record<string, string>> = {
    denied: "アクセス拒否",
    throttled: "呼び出し制限",
    "timed-out": "時間切れ",
    "too-big": "大きすぎて読めない",
    malformed: "形式が不正",
    unavailable: "利用できない",
    unsupported: "非対応",
    cancelled: "中止",
  };
  return Object.entries(reasons).map(
    ([name, said]) => [new RegExp(`^${name}: (.+)$`, "s"), `${said}: {=1}`] as const,
  );
}
