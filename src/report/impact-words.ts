import type { Report } from "../core/report.ts";
import { amount, percent } from "./format.ts";
import type { Words } from "./languages.ts";

/** One KPI in words: expected, actual, lost with its interval and worth. */
export function kpiLine(item: Report["impact"]["business"][number], words: Words): string {
  const { kpi, unit } = item;
  const parts = [
    words
      .say("impact.kpi", {
        kpi,
        unit,
        actual: amount(item.actual),
        expected: amount(item.expected),
      })
      .trimEnd(),
  ];
  if (item.lost > 0) parts.push(words.say("impact.kpi.lost", { lost: amount(item.lost) }));
  if (item.lost > 0 && item.lostInterval) {
    const [low, high] = item.lostInterval;
    parts.push(words.say("impact.kpi.interval", { low: amount(low), high: amount(high) }));
  }
  if (item.lostValue !== undefined && item.lostValue > 0) {
    const params = { value: amount(item.lostValue), currency: item.currency ?? "" };
    parts.push(words.say("impact.kpi.value", params).trimEnd());
  }
  return parts.join("");
}

/** One objective in words. */
export function sloLine(item: Report["impact"]["slos"][number], words: Words): string {
  const key = item.budgetLeft > 0 ? "impact.slo" : "impact.slo.overspent";
  const left = percent(Math.max(0, item.budgetLeft));
  return words.say(key, { name: item.name, rate: amount(item.burnRate), left });
}
