import { AwsRefusal } from "../aws/faults.ts";

/** A literal, a quoted name, a comment, or one other character. */
const pieces = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\r\n]*|\/\*[\s\S]*?\*\/|\/\*|[\s\S]/g;

/** Words of DuckDB that Athena lacks, and what Athena has instead. */
const duckOnly: readonly (readonly [RegExp, string, string])[] = [
  [/::/, "::", "CAST(x AS type)"],
  [/->>/, "->>", `json_extract_scalar(x, '$["key"]')`],
  [/\bTIMESTAMPTZ\b/i, "TIMESTAMPTZ", "TIMESTAMP '2026-03-01 10:00:00 UTC'"],
  [/\bILIKE\b/i, "ILIKE", "lower(x) LIKE"],
  [/\b(epoch_)?ms\s*\(/i, "epoch_ms() or ms()", "to_unixtime(x) * 1000"],
  [/\bmask\s*\(/i, "mask()", "regexp_replace(x, '[0-9]+', '<*>')"],
];

/**
 * The text without comments, as DuckDB and Athena alike cut it into literals and words. What only
 * one of them reads as a literal or a comment could hide from the other what is run, so it is
 * refused: nested comments, `$$…$$`, `E'…'`, backquotes and what is not closed.
 */
export function plainSql(given: string): string {
  const parts = (given.match(pieces) ?? []).map((piece, at, all) => {
    if (piece.startsWith("--")) return " ";
    if (piece.length > 2 && piece.startsWith("/*") && !piece.includes("/*", 2)) return " ";
    const isLiteral = piece.length > 1 && /^['"]/.test(piece);
    const isEscape = piece.startsWith("'") && /^e$/i.test(all[at - 1] ?? "");
    if (!isLiteral && /['"`$\0]|\/\*/.test(piece)) throw unreadable(piece);
    if (isEscape && !/[\w$]/.test(all[at - 2] ?? "")) throw unreadable(`${all[at - 1]}'`);
    return piece;
  });
  const outside = parts.filter((piece) => !/^['"]/.test(piece)).join("");
  const [, word, instead] = duckOnly.find(([pattern]) => pattern.test(outside)) ?? [];
  if (word) throw refused(`Athena does not know ${word}; write ${instead}.`);
  return parts
    .join("")
    .trim()
    .replace(/[\s;]+$/, "");
}

function unreadable(piece: string): AwsRefusal {
  const shown = piece.slice(0, 20).replace("\0", "a null character");
  return refused(`${shown} is not read alike by Athena and by the parser that checks it.`);
}

function refused(why: string): AwsRefusal {
  return new AwsRefusal("unsupported", `Nothing was run: ${why}`);
}
