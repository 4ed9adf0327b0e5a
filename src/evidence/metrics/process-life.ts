import type { Finding } from "../../core/evidence.ts";
import { severityRank } from "../../core/query.ts";
import type { LogPattern, Observations, Series } from "../../core/rows.ts";
import { type EpochMs, toIso, type Window } from "../../core/window.ts";
import { quantity } from "../quantity.ts";
import { named, say } from "../statement.ts";
import { findClimb } from "../statistics/climb.ts";
import { pointsIn, valuesIn } from "../statistics/period.ts";
import { quantile } from "../statistics/robust.ts";
import { meaningOf } from "./metric-meaning.ts";

/** What ends a process: memory that only grows, or restarts without such growth. */
export interface ProcessLife {
  readonly service: string;
  readonly kind: "leak" | "crash";
  /** Starts seen in the window. */
  readonly restarts: number;
  /** Growth of memory; null when none shows. */
  readonly growth: Growth | null;
}

interface Growth {
  readonly series: Series;
  readonly from: number;
  readonly to: number;
  readonly since: EpochMs;
}

/** Growth below this is a cache that warms up. */
const growthMin = 1.6;
/** Share of the variance that a steady climb must explain. */
const explainedMin = 0.75;
const restartsMin = 2;
const startLine =
  /\b(started|listening on|booted|boot completed|ready to accept|server is running|application startup complete)\b/i;
const notStart = /job|task|batch|sync|scan|request|trace|transaction|timer|reconcil|export|import/i;

/** Services whose processes leak or do not stay up, the ones with most restarts first. */
export function processLives(observations: Observations): readonly ProcessLife[] {
  const restarts = restartsByService(observations);
  const growths = growthByService(observations);
  const lives = [...new Set([...restarts.keys(), ...growths.keys()])].flatMap(
    (service): ProcessLife[] => {
      const count = restarts.get(service) ?? 0;
      const growth = growths.get(service) ?? null;
      if (growth) return [{ service, kind: "leak", restarts: count, growth }];
      return count >= restartsMin
        ? [{ service, kind: "crash", restarts: count, growth: null }]
        : [];
    },
  );
  return lives.sort((a, b) => b.restarts - a.restarts || a.service.localeCompare(b.service));
}

/** Starts in the window beyond those of normal time: from lines that announce one, and counters. */
function restartsByService({ logPatterns, series, window }: Observations) {
  const counts = new Map<string, number>();
  const raise = (service: string, count: number) =>
    counts.set(service, Math.max(counts.get(service) ?? 0, count));
  for (const pattern of logPatterns) {
    if (isStart(pattern) && pattern.windowCount > 2 * pattern.baselineCount) {
      raise(pattern.service, pattern.windowCount);
    }
  }
  for (const item of series) {
    const values = valuesIn(item.points, window);
    if (/uptime/i.test(item.metric)) raise(item.service, fallsToZero(values));
    if (/restart/i.test(item.metric)) raise(item.service, increase(values));
  }
  return counts;
}

function isStart({ pattern, severity }: LogPattern): boolean {
  return (
    severityRank(severity) >= severityRank("info") &&
    startLine.test(pattern) &&
    !notStart.test(pattern)
  );
}

function fallsToZero(values: Float64Array): number {
  let falls = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! < values[i - 1]! / 2) falls++;
  return falls;
}

function increase(values: Float64Array): number {
  const [first, last] = [values[0] ?? 0, values.at(-1) ?? 0];
  return Number.isFinite(last - first) ? Math.max(0, last - first) : 0;
}

/** Per service the memory series that grew most, steadily and far above anything of normal time. */
function growthByService({ series, window, baseline }: Observations) {
  const found = new Map<string, Growth>();
  for (const item of series) {
    const { resource, harm, isNode } = meaningOf(item);
    if (resource !== "memory" || harm !== "up" || isNode || !isAmount(item)) continue;
    const growth = growthOf(item, window, baseline);
    const known = found.get(item.service);
    if (growth && (!known || growth.to / growth.from > known.to / known.from)) {
      found.set(item.service, growth);
    }
  }
  return found;
}

/** Memory in use; pauses of a collector and limits are other things. */
function isAmount({ metric }: Series): boolean {
  return !/gc|pause|duration|limit|max|request|fault|quota|count/i.test(metric);
}

function growthOf(series: Series, window: Window, baseline: Window): Growth | null {
  const usual = quantile(valuesIn(series.points, baseline), 0.95);
  const span = { from: Math.min(baseline.from, window.from), to: window.to };
  const climb = findClimb(pointsIn(series.points, span));
  if (!climb || climb.explained < explainedMin || climb.explained < climb.explainedByStep) {
    return null;
  }
  const top = quantile(valuesIn(series.points, window), 0.95);
  if (!(usual > 0) || !(top >= growthMin * usual) || climb.levelAfter < growthMin * usual) {
    return null;
  }
  return { series, from: usual, to: top, since: climb.at };
}

/** One finding per service and kind of trouble goes by this key. */
export function lifeKey({ service, kind }: ProcessLife): string {
  return `${kind}:${service}`;
}

/** "catalog: memory grows from 24 MB to 97 MB, and its process started anew 3 times". */
export function lifeFinding(life: ProcessLife, observations: Observations): Finding {
  const { service, restarts, growth } = life;
  const params = {
    service: named(service),
    restarts,
    signal: named(growth?.series.metric ?? ""),
    before: quantity(growth?.from ?? 0, meaningUnit(growth)),
    now: quantity(growth?.to ?? 0, meaningUnit(growth)),
    time: growth ? toIso(growth.since).slice(11, 16) : "",
  };
  const id = !growth ? "finding.crash" : restarts > 0 ? "finding.leak-restarts" : "finding.leak";
  return {
    key: lifeKey(life),
    layer: "infrastructure",
    kind: "anomaly",
    service,
    ...say(id, params),
    ...(growth ? { value: growth.to, baseline: growth.from, at: growth.since } : {}),
    window: observations.window,
    provenance: [
      ...(observations.provenance["metric-series"] ?? []),
      ...(observations.provenance["log-patterns"] ?? []),
    ].slice(0, 2),
    weight: 0.8,
  };
}

function meaningUnit(growth: Growth | null): string | null {
  if (!growth) return null;
  const unit = growth.series.unit ?? meaningOf(growth.series).unit;
  return unit && /^by(tes?)?$/i.test(unit) ? "bytes" : unit;
}
