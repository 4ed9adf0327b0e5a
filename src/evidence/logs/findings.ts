import type { Finding } from "../../core/evidence.ts";
import { cleanText } from "../../core/redaction.ts";
import type { Observations } from "../../core/rows.ts";
import { digits, times } from "../quantity.ts";
import { named, quoted, say } from "../statement.ts";
import { messageOf } from "./pattern-text.ts";
import type { LogShift } from "./shifts.ts";

/** Stable name of what a log shift says. */
export function logKey({ pattern }: LogShift): string {
  return `log-pattern:${pattern.service}:${pattern.operation ?? ""}:${pattern.pattern}`;
}

/** A pattern that appeared, ceased or changed its rate, as a sentence with an example line. */
export function logFinding(shift: LogShift, observations: Observations): Finding {
  const { pattern, kind } = shift;
  const factor = kind === "more" ? times(shift.rate, shift.usualRate) : null;
  const params = {
    service: named(pattern.service),
    severity: pattern.severity.toUpperCase(),
    count: pattern.windowCount,
    rate: rateText(shift.rate, shift.per),
    usual: rateText(shift.usualRate, shift.per),
    factor: factor ? ` (${factor})` : "",
    quote: quoted(messageOf(pattern.pattern)),
  };
  return {
    key: logKey(shift),
    layer: "application",
    kind: "log-pattern",
    service: pattern.service,
    ...say(`finding.log-${kind}`, params),
    value: shift.rate,
    baseline: shift.usualRate,
    unit: `per ${shift.per}`,
    ...(Number.isFinite(shift.ratio)
      ? {
          effect: shift.ratio,
          effectKind: "ratio" as const,
          interval: [
            shift.usualRate * shift.ratioInterval[0],
            shift.usualRate * shift.ratioInterval[1],
          ] as const,
        }
      : { effect: shift.deviations, effectKind: "deviations" as const }),
    ...(Number.isFinite(pattern.firstAt) && kind === "new" ? { at: pattern.firstAt } : {}),
    window: observations.window,
    provenance: observations.provenance["log-patterns"] ?? [],
    quote: cleanText(pattern.example),
    weight: shift.weight,
  };
}

/** A rate beside a companion is no rate in time: it says in how many of its paths the line came. */
function rateText(rate: number, per: LogShift["per"]): string {
  return `${digits(rate)} per ${per === "line" ? "companion line" : per}`;
}
