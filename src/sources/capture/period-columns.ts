import { type Column, type Frame, numbers, texts } from "../../core/frame.ts";

/** A statistic and what its absence means. */
export type PeriodStat = readonly [name: string, absent: 0 | typeof Number.NaN];

/**
 * Turns one row per key and `period` (`window`, `baseline`) into one row per key, with columns
 * `window_<stat>` and `baseline_<stat>`. Keys keep the order in which they first appear.
 */
export function byPeriod(
  frame: Frame,
  keys: readonly string[],
  stats: readonly PeriodStat[],
): Frame {
  const keyTexts = keys.map((name) => texts(frame, name));
  const period = texts(frame, "period");
  const rows = new Map<string, number>();
  const placed = period.map((_, row) => {
    const key = JSON.stringify(keyTexts.map((values) => values[row]));
    const at = rows.get(key) ?? rows.size;
    rows.set(key, at);
    return at;
  });
  const keyColumns = keys.map((name, index): Column => {
    const values = new Array<string | null>(rows.size).fill(null);
    for (const [row, at] of placed.entries()) values[at] = keyTexts[index]?.[row] ?? null;
    return { name, type: "text", values };
  });
  const statColumns = ["window", "baseline"].flatMap((wanted) =>
    stats.map(([name, absent]): Column => {
      const values = new Float64Array(rows.size).fill(absent);
      const from = numbers(frame, name);
      for (const [row, at] of placed.entries()) {
        if (period[row] === wanted) values[at] = from[row] as number;
      }
      return { name: `${wanted}_${name}`, type: "number", values };
    }),
  );
  return { columns: [...keyColumns, ...statColumns], length: rows.size };
}
