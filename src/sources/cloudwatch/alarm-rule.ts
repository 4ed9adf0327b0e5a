/** A name of the rule in double quotes (with `\"` inside), or a bare word up to a bracket. */
const name = String.raw`"(?:[^"\\]|\\.)*"|[^\s"(),]+`;
const one = new RegExp(String.raw`\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(${name})\s*\)`, "g");
const several = new RegExp(
  String.raw`\bAT_LEAST\s*\([^,()]*,[^,()]*,\s*\(((?:\s*(?:${name})\s*,?)*)\)\s*\)`,
  "g",
);

/**
 * The alarms that the rule of a composite alarm names, each once and in their order: quoted, bare
 * or by ARN, under ALARM, OK, INSUFFICIENT_DATA and AT_LEAST, at any depth of AND, OR and NOT.
 * Syntax:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
export function alarmsOfRule(rule: string): readonly string[] {
  const lists = [...rule.matchAll(several)].map((match) => match[1] ?? "");
  const listed = lists.flatMap((list) => list.match(new RegExp(name, "g")) ?? []);
  const single = [...rule.matchAll(one)].map((match) => match[1] ?? "");
  return [...new Set([...single, ...listed].map(plain).filter(Boolean))];
}

/** Without quotes, and without what stands before the name in an ARN. */
function plain(text: string): string {
  const bare = text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
  return bare.replace(/^arn:[\w-]+:cloudwatch:[\w-]*:\d*:alarm:/, "");
}
