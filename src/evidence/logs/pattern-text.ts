/** Fewer letters than this are no message: then the header is all there is, and stays. */
const messageLettersMin = 8;

/** A time, a thread, a process before the level; before anything else it belongs to the message. */
const masked = /^[^\p{L}\p{N}\s]*…[^\p{L}\p{N}\s]*\s+/u;

/** What loggers write before the message, word by word. */
const headerWords: readonly RegExp[] = [
  // The severity, which the sentence tells already. Bare, only in capitals: "Error creating: …" is
  // a message.
  /^(?:[[(](?:trace|debug|info|notice|warn|warning|error|severe|fatal|critical)[\])]:?|(?:trace|debug|info|notice|warn|warning|error|severe|fatal|critical):)\s+/iu,
  /^(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL)\s+/u,
  // The class that logs (`o.s.OrderService#…`); an exception's name is the message's own.
  /^[[(]?(?:[\p{L}_$][\w$]*\.)+(?!\w*(?:Error|Exception|Failure)\b)\p{Lu}[\w$]*(?:[#:]…)?[\])]?:?\s+/u,
  // Ids that differ in every line: `TraceID: …`, `span_id=…`.
  /^[[(]?[\w.-]*(?:trace|span|request|correlation)[\s_.-]?id\s*[:=]\s*…[\])]?,?\s+/iu,
];

/** The message of a masked log line: without the time, level, class and ids that stand before it. */
export function messageOf(pattern: string): string {
  let at = pattern.length - pattern.trimStart().length;
  let message = at;
  while (at < pattern.length) {
    const rest = pattern.slice(at);
    const header = firstLength(headerWords, rest);
    const length = header || firstLength([masked], rest);
    if (length === 0) break;
    at += length;
    if (header > 0) message = at;
  }
  const text = pattern.slice(message).replace(/^[-–|:]+\s+/u, "");
  return (text.match(/\p{L}/gu)?.length ?? 0) >= messageLettersMin ? text : pattern;
}

function firstLength(patterns: readonly RegExp[], text: string): number {
  for (const pattern of patterns) {
    const found = pattern.exec(text);
    if (found) return found[0].length;
  }
  return 0;
}
