import type { DerivedCase } from "./derived-case.ts";

/** Gives every service a made-up name, in all tables and documents, inside texts too. */
export async function renameServices(made: DerivedCase): Promise<boolean> {
  const parts = [...made.tables].map((table) => `SELECT service FROM ${table}`);
  const rows = await made.sql(`SELECT DISTINCT service FROM (${parts.join(" UNION ALL ")})
    WHERE length(coalesce(service, '')) > 2 ORDER BY 1`);
  const edges = made.topology?.edges ?? [];
  const known = [
    ...rows.map((row) => String(row.service)),
    ...edges.flatMap(({ from, to }) => [from, to]),
    ...(made.truth.services ?? []),
  ];
  // Longer names first, so that none is replaced inside another.
  const names = [...new Set(known)].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const renames = names.map((name, at) => [name, madeUp(at)] as const);
  for (const table of made.tables) {
    for (const column of await made.textColumns(table)) {
      // An identifier is no word: a service named in it stays whole, as in "rate_of_payment".
      const text = renames.reduce(
        (sql, [name, other]) =>
          `regexp_replace(${sql}, '(^|[^A-Za-z0-9_])${escaped(name)}($|[^A-Za-z0-9_])',
            '\\1${other}\\2', 'g')`,
        `"${column}"`,
      );
      await made.sql(`UPDATE ${table} SET "${column}" = ${text} WHERE "${column}" IS NOT NULL`);
    }
  }
  const rename = <Document>(document: Document): Document =>
    JSON.parse(renamed(JSON.stringify(document), renames));
  made.incident = rename(made.incident);
  made.truth = rename(made.truth);
  made.topology = made.topology && rename(made.topology);
  return true;
}

function renamed(text: string, renames: readonly (readonly [string, string])[]): string {
  return renames.reduce((result, [name, other]) => {
    const literal = name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return result.replaceAll(new RegExp(`(?<![A-Za-z0-9_])${literal}(?![A-Za-z0-9_])`, "g"), other);
  }, text);
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("'", "''");
}

const [starts, middles, ends] = [
  ["bra", "cle", "dro", "fen", "gli", "hov", "jar", "kel", "lum", "mor"],
  ["va", "ti", "so", "ne", "ru", "pa", "li"],
  ["x", "nd", "sk", "m", "th", "lp", "rn", "ct"],
];

function madeUp(at: number): string {
  const start = starts[at % 10];
  return `${start}${middles[Math.floor(at / 10) % 7]}${ends[(at * 3) % 8]}`;
}
