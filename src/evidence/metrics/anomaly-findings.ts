import type { Finding } from "../../core/evidence.ts";
import type { Observations } from "../../core/rows.ts";
import type { Window } from "../../core/window.ts";
import { badness } from "../incident-onset.ts";
import { atInterval, digits, quantity, times } from "../quantity.ts";
import { named, say } from "../statement.ts";
import { findOnset } from "../statistics/onset.ts";
import { pointsIn } from "../statistics/period.ts";
import { chartOf } from "./chart-lines.ts";
import type { Shift } from "./shift.ts";

/** Stable name of what a shift says. */
export function anomalyKey(shift: Pick<Shift, "series">): string {
  const { service, metric, resource } = shift.series;
  return `anomaly:${service}:${metric}${resource ? `:${resource}` : ""}`;
}

/** A moved series as a sentence, with its onset and a chart. */
export function anomalyFinding(shift: Shift, observations: Observations, weight: number): Finding {
  const { series, meaning, before, during } = shift;
  const span = drawnSpan(observations);
  const turned = badness(pointsIn(series.points, onsetSpan(observations)), meaning);
  const onset = findOnset(turned);
  const when = onset ? ` ${atInterval(onset.at, onset.interval)}` : "";
  const factor = times(during, before);
  const isMuch = during > before * 1.2 || during < before / 1.2;
  const params = {
    service: named(series.service),
    signal: named(series.resource ? `${series.metric} (${series.resource})` : series.metric),
    before: quantity(before, meaning.unit),
    now: quantity(during, meaning.unit),
    factor: factor && isMuch ? ` (${factor})` : "",
    when,
  };
  const id =
    before === 0 && during > 0
      ? "finding.appeared"
      : during >= before
        ? "finding.rose"
        : "finding.fell";
  return {
    key: anomalyKey(shift),
    layer: meaning.layer,
    kind: "anomaly",
    service: series.service,
    ...(series.resource ? { resource: series.resource } : {}),
    ...say(id, params),
    value: during,
    ...(meaning.unit ? { unit: meaning.unit } : {}),
    baseline: before,
    effect: Number(digits(shift.deviations).replaceAll(",", "")),
    effectKind: "deviations",
    ...(onset ? { at: onset.at, atInterval: onset.interval } : {}),
    window: observations.window,
    provenance:
      observations.provenance[
        observations.spanSeries.includes(series) ? "span-series" : "metric-series"
      ] ?? [],
    weight,
    chart: chartOf(series, span, meaning.unit),
  };
}

/** Incident time and as much before it, so that the change can be seen. */
export function drawnSpan({ window, baseline }: Observations): Window {
  const length = Math.max(window.to - window.from, 15 * 60_000);
  const from = Math.max(window.from - 2 * length, Math.min(baseline.from, window.from - length));
  return { from, to: window.to + length };
}

/** Where an onset is looked for: it may lie a little before the incident time that was chosen. */
function onsetSpan({ window }: Observations): Window {
  const length = Math.max(window.to - window.from, 15 * 60_000);
  return { from: window.from - length, to: window.to + length };
}
