import { limits } from "./limits.ts";

/**
 * Foreign text made safe to show. Order matters: invisible characters go first (they can split a
 * secret in two), secrets second, and only then is the text clipped (a clipped secret is no longer
 * recognised, yet still a secret).
 */
export function cleanText(text: string, charsMax: number = limits.quoteCharsMax): string {
  return clip(redact(stripInvisible(text)), charsMax);
}

/** `cleanText` on one line: every run of white space becomes one space. */
export function cleanLine(text: string, charsMax: number = limits.quoteCharsMax): string {
  return clip(redact(stripInvisible(text).replace(/\s+/g, " ").trim()), charsMax);
}

/** Replaces secrets and personal data by `[redacted:kind]`. Linear in the length of the text. */
export function redact(text: string): string {
  let result = text;
  for (const rule of rules) {
    if (!rule.hint.test(result)) continue;
    result = result.replace(rule.pattern, rule.replace);
  }
  return result;
}

/** `redact` on every string inside a JSON-like value; keys and everything else stay. */
export function redactDeep<T>(value: T): T {
  return walk(value, redact) as T;
}

/** `cleanText` on every string inside a JSON-like value; keys and everything else stay. */
export function cleanDeep<T>(value: T, charsMax: number): T {
  return walk(value, (text) => cleanText(text, charsMax)) as T;
}

/**
 * Removes ANSI escapes, control characters except tab and newline, zero-width and bidirectional
 * characters, and the invisible tag block that can carry hidden instructions.
 */
export function stripInvisible(text: string): string {
  return text
    .replace(ansiPattern, "")
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
    .replace(invisiblePattern, "")
    .toWellFormed();
}

/** At most `charsMax` UTF-16 units, ending in `…` when cut; never cuts a character or a marker. */
export function clip(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  if (charsMax < 1) return "";
  let end = charsMax - 1;
  const marker = text.lastIndexOf("[redacted:", end - 1);
  if (marker >= 0) {
    const close = text.indexOf("]", marker);
    if (close >= end) end = marker;
  }
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end -= 1;
  return `${text.slice(0, end)}…`;
}

interface Rule {
  /** A cheap test, so that ordinary lines pay for none of the patterns. */
  readonly hint: RegExp;
  readonly pattern: RegExp;
  readonly replace: (match: string, ...groups: string[]) => string;
}

const ansiPattern =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what it looks for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-_]/g;

/** Ranges of code points that show nothing, or reorder what is shown. */
const invisibleRanges =
  "0000-0008 000b-000c 000e-001f 007f-009f 00ad-00ad 034f-034f 061c-061c 115f-1160 17b4-17b5 " +
  "180b-180f 200b-200f 202a-202e 2060-206f 3164-3164 fe00-fe0f feff-feff ffa0-ffa0 fff0-fffb " +
  "1d173-1d17a e0000-e0fff";
const invisiblePattern = new RegExp(
  `[${invisibleRanges.replace(/(\w+)-(\w+) ?/g, "\\u{$1}-\\u{$2}")}]`,
  "gu",
);

/** What stands between a name and its value: `=`, `: `, `": "`, `\":\"`, ` => `. */
const separator = String.raw`(\\?["']?[ \t]*(?:=>|:=|[:=])[ \t]*)`;
/** A quoted value up to its quote, or a bare one up to a delimiter; never a marker of ours. */
const secretValue = String.raw`(?!\\?["']?(?:\[redacted|…))(\\"[^"\n]*"?|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s,;&"'<>()[\]{}…]+)`;

const strongNames =
  "pass(?:word|wd|phrase|code)|pwd|secret[_-]?(?:access[_-]?)?key|client[_-]?secret|" +
  "private[_-]?key|(?:api|access|account|encryption|signing|master)[_-]?(?:key|secret|token)|" +
  "(?:refresh|session|security|auth|id|csrf|bearer)[_-]?token|" +
  "connect\\.sid|jsessionid|phpsessid|asp\\.net_sessionid|session[_-]?(?:id|key)";
const weakNames = "token|secret|auth(?:orization)?|credentials?|signature|session|sid|sig";

/** What the part of an address before its `@` is made of, unless it is quoted. */
const mailbox = "[\\p{L}\\p{N}._%+'-]";
/**
 * Hosts that cloud providers give to databases, queues and machines: `orders@db.….amazonaws.com` is
 * a database on its host, as traces name it, and nobody has a mailbox there.
 */
const endpointHost =
  /\.(?:amazonaws\.com(?:\.cn)?|windows\.net|azure\.com|mongodb\.net|aliyuncs\.com|cluster\.local|compute\.internal|ec2\.internal)$/i;

const rules: readonly Rule[] = [
  {
    hint: /PRIVATE KEY/,
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/gs,
    replace: () => "[redacted:private-key]",
  },
  {
    hint: /cookie/i,
    pattern: new RegExp(
      `(cookie)${separator}(\\\\?["']?)(?!\\[redacted)[^\\s"'\\\\…][^\\n"'\\\\…]*`,
      "gi",
    ),
    replace: (_, name, middle, quote) => `${name}${middle}${quote}[redacted:cookie]`,
  },
  {
    hint: /:\/\//,
    pattern: /:\/\/([^\s:@/?#"'[\]]{0,100}):(?!\[redacted)([^\s/"'<>]{1,300})@/g,
    replace: (_, user) => `://${user}:[redacted:password]@`,
  },
  {
    hint: /eyJ/,
    pattern: /(?<![\w-])[\w-]+(?:\.[\w-]*)+/g,
    replace: (match) => (isJwt(match) ? "[redacted:token]" : match),
  },
  {
    hint: /bearer|basic/i,
    pattern: /(?<![A-Za-z0-9])(bearer|basic)([ \t]+)([A-Za-z0-9+/=._~-]{6,})/gi,
    replace: (match, scheme, gap, value) =>
      isSecretLike(value ?? "", 6) ? `${scheme}${gap}[redacted:token]` : match,
  },
  {
    hint: /A[A-Z]{3}[A-Z0-9]{16}/,
    pattern: /(?<![A-Z0-9])(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA)[A-Z0-9]{16}(?![A-Z0-9…])/g,
    replace: () => "[redacted:aws-key]",
  },
  {
    hint: /gh[pousr]_|github_pat_|xox|xapp-|_live_|_test_|sk-|AIza|glpat-|npm_|SG\.|ya29\.|whsec_|dop_v1_|pypi-|hooks\.slack/,
    pattern:
      /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,}|xox[a-z](?:\.xox[a-z])?-[\w-]{8,}|xapp-[\w-]{10,}|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=]{16,}|sk-[\w-]{16,}|AIza[\w-]{30,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|ya29\.[\w-]{20,}|dop_v1_[a-f0-9]{40,}|pypi-[\w-]{40,}|hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/-]{8,})/g,
    replace: () => "[redacted:token]",
  },
  {
    hint: /pass|pwd|secret|key|token|sid|session/i,
    pattern: new RegExp(`(${strongNames})${separator}${secretValue}`, "gi"),
    replace: (_, name, middle, value) => `${name}${middle}${quoted(value ?? "", "secret")}`,
  },
  {
    hint: /token|secret|auth|credential|sig|session|sid/i,
    pattern: new RegExp(`(?<![A-Za-z])(${weakNames})${separator}${secretValue}`, "gi"),
    replace: (match, name, middle, value) =>
      isSecretLike(value ?? "", 8) ? `${name}${middle}${quoted(value ?? "", "secret")}` : match,
  },
  {
    hint: /@|%40/,
    pattern: new RegExp(
      `(?:"[^"\\n]{1,64}"|(?<!${mailbox})${mailbox}+)(?:@|%40)` +
        `((?:[\\p{L}\\p{N}-]{1,63}\\.){1,8}\\p{L}{2,24})(_[A-Z][A-Za-z]{1,40}::[A-Z][A-Za-z]*)?`,
      "gu",
    ),
    replace: (match, host, typeName) => {
      if (typeName !== undefined || endpointHost.test(host ?? "")) return match;
      return `${/^'*/.exec(match)?.[0] ?? ""}[redacted:email]`;
    },
  },
  {
    hint: /\d{4}[ -]?\d{4}/,
    pattern:
      /(?<![\w.-])(?:\d{14,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{5})(?![\w…-]|\.\d)/g,
    replace: (match) => (isCard(match) ? "[redacted:card]" : match),
  },
];

/** Header and payload of a JWT, wherever in the dotted run they stand: `eyJ….eyJ…`. */
function isJwt(run: string): boolean {
  const parts = run.split(".");
  return parts.some((part, i) => part.includes("eyJ") && (parts[i + 1]?.length ?? 0) >= 5);
}

/** Letters mixed with digits or capitals, or long: not a plain word such as `expired`. */
function isSecretLike(value: string, charsMin: number): boolean {
  const bare = value.replace(/^\\?["']|\\?["']$/g, "");
  if (bare.length < charsMin || /^\d+$/.test(bare)) return false;
  if (/^https?:/i.test(bare)) return false;
  const isMixed = /[A-Za-z]/.test(bare) && /\d|[A-Z].*[a-z]|[a-z].*[A-Z]|[+/=]/.test(bare.slice(1));
  return isMixed || bare.length >= 24;
}

function quoted(value: string, kind: string): string {
  const quote = /^\\?["']/.exec(value)?.[0] ?? "";
  const isClosed = quote !== "" && value.length > quote.length && value.endsWith(quote);
  return `${quote}[redacted:${kind}]${isClosed ? quote : ""}`;
}

/** Length, first digits of the large networks, and the check digit (ISO/IEC 7812, Luhn). */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  if (!/^(?:4|5[1-5]|2[2-7]|3[0-9]|6)/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function walk(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, clean));
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, clean)]));
}
