import type { Report } from "../core/report.ts";
import { percent, amount as quantity } from "./format.ts";
import type { Words } from "./languages.ts";

/** True when the loss is more than normal variation. */
export function isLoss(item: Report["impact"]["business"][number]): boolean {
  return item.lostInterval ? item.lostInterval[0] > 0 : item.lost > 0;
}

/** True when the budget burns faster than the objective allows. */
export function isBurning(item: Report["impact"]["slos"][number]): boolean {
  return item.burnRate >= 1;
}

/** KPIs and objectives that are fine, in one line; empty when there are none. */
export function fineLine(impact: Report["impact"], words: Words): string {
  const names = [
    ...impact.business.filter((item) => !isLoss(item)).map((item) => item.kpi),
    ...impact.slos.filter((item) => !isBurning(item)).map((item) => item.name),
  ];
  return names.length === 0 ? "" : words.say("impact.fine", { names: words.list(names, 12) });
}

/** One KPI in words: expected, actual, lost with its interval and worth. */
export function kpiLine(item: Report["impact"]["business"][number], words: Words): string {
  const { kpi } = item;
  const isShare = /^(?:1|ratio)$/.test(item.unit);
  const unit = isShare ? "" : item.unit;
  const amount = (value: number) => (isShare ? percent(value) : quantity(value));
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
  if (item.lost > 0 && item.lostInterval && item.lostInterval[1] > item.lostInterval[0]) {
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
  return words.say(key, { name: item.name, rate: quantity(item.burnRate), left });
}
