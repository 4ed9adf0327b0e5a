import { UserError } from "../../core/errors.ts";

/** Name of the entry in every client's file. */
const entryName = "shodo";

/**
 * A JSON file with Shodo's entry under `key`; everything else stays. Throws `UserError` for a file
 * that is not plain JSON: it is somebody's, so it is not rewritten on a guess.
 */
export function editJson(before: string, key: string, entry: object, file: string): string {
  let root: unknown;
  try {
    root = before.trim() === "" ? {} : JSON.parse(before);
  } catch {
    throw notPlain(file, { [key]: { [entryName]: entry } });
  }
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const servers = isObject(root) ? (root[key] ?? {}) : null;
  if (!isObject(root) || !isObject(servers)) {
    throw notPlain(file, { [key]: { [entryName]: entry } });
  }
  const after = { ...root, [key]: { ...servers, [entryName]: entry } };
  return `${JSON.stringify(after, null, indentOf(before))}\n`;
}

/** A TOML file with the table `[table]` replaced or added at the end; every other line stays. */
export function editToml(before: string, table: string, entry: object): string {
  const lines = before.split("\n");
  const from = lines.findIndex((line) => line.trim() === `[${table}]`);
  const block = [
    `[${table}]`,
    ...Object.entries(entry).map(([key, value]) => tomlLine(key, value)),
  ];
  if (from < 0) {
    const gap = before.trim() === "" ? "" : `${before.trimEnd()}\n\n`;
    return `${gap}${block.join("\n")}\n`;
  }
  const next = lines.findIndex((line, i) => i > from && /^\s*\[/.test(line));
  const rest = next < 0 ? [] : ["", ...lines.slice(next)];
  return `${[...lines.slice(0, from), ...block, ...rest].join("\n").trimEnd()}\n`;
}

/** Strings and lists of strings: JSON writes them as TOML does. */
function tomlLine(key: string, value: unknown): string {
  return `${key} = ${JSON.stringify(value)}`;
}

function indentOf(text: string): string | number {
  return /\n([ \t]+)"/.exec(text)?.[1] ?? 2;
}

function notPlain(file: string, wanted: object): UserError {
  return new UserError(
    `${file} is not plain JSON (comments, perhaps), so it was not touched. Add this yourself:\n` +
      JSON.stringify(wanted, null, 2),
  );
}
