import type { Incident } from "../../core/incident.ts";
import type { Report } from "../../core/report.ts";
import type { Step } from "../../core/step.ts";
import { cleanDeep } from "../clean.ts";
import type { McpParts } from "../parts.ts";
import type { Facts } from "../reply.ts";
import { incidentFacts } from "./get-investigation.ts";
import { isFinished, standOf } from "./progress.ts";

/** Where the view finds its data in a result's `_meta`, which hosts keep from models. */
export const viewKey = "shodo/view";

const chartsMax = 12;
const pointsMax = 120;

/** Everything the view draws. Versioned, since hosts may cache the page. */
export function viewOf(
  incident: Incident,
  report: Report | null,
  steps: readonly Step[],
  parts: Pick<McpParts, "demos">,
): Facts {
  const facts = { version: 1, isFinished: isFinished(incident), ...incidentFacts(incident, parts) };
  if (!report) return cleanDeep({ ...facts, ...standOf(steps) }) as Facts;
  const { evidence, ...rest } = report;
  const cited = new Set(report.rootCauses.flatMap((cause) => cause.supporting));
  const order = [...evidence].sort((a, b) => Number(cited.has(b.id)) - Number(cited.has(a.id)));
  const drawn = new Map<string, string>();
  for (const { id, chart } of order) {
    if (chart && !drawn.has(keyOf(chart))) drawn.set(keyOf(chart), id);
  }
  const charts = new Set([...drawn.values()].slice(0, chartsMax));
  return cleanDeep({
    ...facts,
    report: {
      ...rest,
      evidence: evidence.map(({ chart, ...item }) => {
        return chart && charts.has(item.id) ? { ...item, chart: thin(chart) } : item;
      }),
    },
  }) as Facts;
}

type Chart = NonNullable<Report["evidence"][number]["chart"]>;

/** Several findings may stand on one chart, which is drawn once. */
function keyOf({ title, lines }: Chart): string {
  const sizes = lines.map(({ label, times }) => `${label} ${times[0]} ${times.length}`);
  return `${title} ${sizes.join()}`;
}

/** At most `pointsMax` points a line; keeps the lowest and highest of each bin, so peaks stay. */
function thin(chart: Chart): Chart {
  return { ...chart, lines: chart.lines.map(thinLine) };
}

function thinLine(line: Chart["lines"][number]): Chart["lines"][number] {
  const total = line.times.length;
  if (total <= pointsMax) return line;
  const bins = pointsMax / 2;
  const kept: number[] = [];
  for (let bin = 0; bin < bins; bin++) {
    const from = Math.floor((bin * total) / bins);
    const to = Math.floor(((bin + 1) * total) / bins);
    kept.push(...extremes(line.values, from, to));
  }
  return {
    label: line.label,
    times: kept.map((index) => line.times[index] ?? 0),
    values: kept.map((index) => line.values[index] ?? null),
  };
}

function extremes(values: readonly (number | null)[], from: number, to: number): number[] {
  let low = from;
  let high = from;
  for (let index = from; index < to; index++) {
    const value = values[index];
    if (value === null || value === undefined) continue;
    if (value < (values[low] ?? Number.POSITIVE_INFINITY)) low = index;
    if (value > (values[high] ?? Number.NEGATIVE_INFINITY)) high = index;
  }
  return low === high ? [low] : [low, high].sort((a, b) => a - b);
}
