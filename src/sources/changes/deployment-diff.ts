/** What a deployment runs, as names and values that can be laid side by side. */
export type Settings = Readonly<Record<string, string>>;

/** Names whose values are not shown, whatever they are. */
const secretName =
  /pass(word|wd)?|secret|token|credential|private|api_?key|access_?key|dsn|conn(ection)?_?str/i;
const linesMax = 60;
const valueCharsMax = 300;

/**
 * What differs between two revisions, as a diff of a JSON file with one setting per line; null when
 * nothing does. Values of settings that sound secret are only said to differ.
 */
export function settingsDiff(file: string, before: Settings, after: Settings): string | null {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = names.filter((name) => before[name] !== after[name]);
  if (changed.length === 0) return null;
  const lines = changed.slice(0, linesMax).flatMap((name) => {
    const line = (sign: string, value: string | undefined) =>
      value === undefined ? [] : [`${sign}  ${JSON.stringify(name)}: ${shown(name, value, sign)},`];
    return [...line("-", before[name]), ...line("+", after[name])];
  });
  const head = [`diff --git a/${file} b/${file}`, `--- a/${file}`, `+++ b/${file}`];
  return [...head, `@@ -1,${changed.length} +1,${changed.length} @@`, ...lines, ""].join("\n");
}

function shown(name: string, value: string, sign: string): string {
  if (secretName.test(name)) return sign === "-" ? '"(hidden, before)"' : '"(hidden, after)"';
  const isNumber = /^-?\d+(\.\d+)?$/.test(value) && value.length < 16;
  return isNumber ? value : JSON.stringify(value.slice(0, valueCharsMax));
}
