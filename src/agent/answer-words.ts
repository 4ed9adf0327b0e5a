/** What a question may be about, besides the words it shares with the evidence. */
export type Topic = "impact" | "cause" | "action" | "ruledOut" | "timeline";

interface Phrases {
  readonly nothing: (summary: string) => string;
  readonly ruledOut: (claim: string, because: string) => string;
  /** Of a service that was seen and that no finding is about. */
  readonly unsuspected: (service: string) => string;
  readonly kpi: (of: {
    readonly kpi: string;
    readonly expected: string;
    readonly actual: string;
    readonly money: string | null;
  }) => string;
  readonly slo: (of: {
    readonly name: string;
    readonly burn: string;
    readonly left: string;
  }) => string;
}

const en: Phrases = {
  nothing: (summary) =>
    `The saved evidence says nothing about that. The verdict stands: ${summary}`,
  ruledOut: (claim, because) => `Ruled out: ${claim}: ${because}`,
  unsuspected: (service) => `No finding speaks against ${service}`,
  kpi: ({ kpi, expected, actual, money }) =>
    `${kpi}: ${actual} instead of ${expected} expected${money ? `, about ${money} lost` : ""}`,
  slo: ({ name, burn, left }) =>
    `${name}: error budget burns at ${burn} times the allowed pace, ${left} left`,
};

const ja: Phrases = {
  nothing: (summary) => `保存された証拠からは答えられません。結論は変わりません: ${summary}`,
  ruledOut: (claim, because) => `除外: ${claim}: ${because}`,
  unsuspected: (service) => `${service} を疑わせる証拠はありません`,
  kpi: ({ kpi, expected, actual, money }) =>
    `${kpi}: 想定 ${expected} に対し実績 ${actual}${money ? `、損失は約 ${money}` : ""}`,
  slo: ({ name, burn, left }) =>
    `${name}: エラーバジェットを許容の ${burn} 倍の速さで消費、残り ${left}`,
};

/** The sentences of a language; English where there are none. */
export function phrasesOf(language: string): Phrases {
  return language.toLowerCase().startsWith("ja") ? ja : en;
}

/**
 * In the order in which they are answered. The words a person on call would use, in both languages.
 */
const topicWords: readonly (readonly [Topic, RegExp])[] = [
  [
    "impact",
    /\b(impact|users?|customers?|shoppers?|revenue|money|orders?|cost|costs|affected|how (?:bad|many|much))\b|影響|利用者|ユーザ|顧客|売上|損失|被害/i,
  ],
  [
    "ruledOut",
    /\b(ruled? out|excluded?|considered|why (?:is it )?not)\b|除外|可能性|なぜ.*(?:では|じゃ)ない/i,
  ],
  [
    "action",
    /\b(what (?:should|can|do|to) .*\bdo\b|do (?:first|next|now)|next steps?|fix|mitigate|roll ?back|remed\w+|action)\b|何をす|どうす|対応|対処|直す|復旧|ロールバック/i,
  ],
  ["cause", /\b(cause|caused|root|why|culprit|reason|guilty|blame)\b|原因|なぜ|理由/i],
  ["timeline", /\b(when|timeline|first|since|began|start(?:ed)?)\b|いつ|時系列|経緯|最初/i],
];

/** What people call a kind of system, and what its systems are called. */
const kinds: readonly (readonly [kind: RegExp, names: readonly string[]])[] = [
  [
    /^(?:database|db|sql|データベース)$/,
    ["postgres", "mysql", "aurora", "rds", "dynamodb", "mongo", "db"],
  ],
  [/^(?:cache|キャッシュ)$/, ["redis", "valkey", "memcached", "elasticache", "cache"]],
  [/^(?:queue|broker|キュー)$/, ["kafka", "rabbitmq", "sqs", "kinesis", "nats", "queue"]],
];

/** A word of a question, and the names of systems that it may stand for. */
export function namesFor(word: string): readonly string[] {
  const kind = kinds.find(([pattern]) => pattern.test(word));
  return kind ? [word, ...kind[1]] : [word];
}

/** True when the question is why something else is not the cause. */
export function isWhyNot(question: string): boolean {
  return /\bwhy (?:is it )?not\b|なぜ.*(?:では|じゃ)ない/i.test(question);
}

/** What the question is about; empty when only its words can tell. */
export function topicsOf(question: string): Topic[] {
  const found = topicWords.filter(([, pattern]) => pattern.test(question)).map(([topic]) => topic);
  const [first] = found;
  // "What should I do first?" is no question about time, and one about what was ruled out and why
  // none about the cause.
  return first ? [first] : [];
}
