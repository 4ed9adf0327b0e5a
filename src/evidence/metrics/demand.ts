import type { Observations, Series } from "../../core/rows.ts";
import { buildCallGraph, type CallGraph } from "../call-graph.ts";
import type { Symptoms } from "../causes/symptoms.ts";
import { valuesIn } from "../statistics/period.ts";
import { median } from "../statistics/robust.ts";
import { meaningOf } from "./metric-meaning.ts";
import { asRate } from "./shift.ts";

/** How the requests to one service changed between normal time and incident. */
export interface DemandChange {
  readonly service: string;
  readonly metric: string;
  readonly before: number;
  readonly after: number;
  /** after / before. */
  readonly ratio: number;
}

/** More requests by this factor are a surge; ordinary days stay below. */
export const surgeRatioMin = 1.5;
/** A service that is up by this share of the entry's growth is up with it. */
const followShare = 0.5;
const spansMin = 500;
/** Requests that only rose this long after failures began are retries. */
const retryLagMs = 3 * 60_000;

/** Traffic of each service, window against baseline: its most plainly named request metric. */
export function demandChanges(observations: Observations): readonly DemandChange[] {
  const found = new Map<string, DemandChange & { readonly rank: number }>();
  const measured = observations.series.flatMap((raw) => demandOf(raw, observations) ?? []);
  const counted = observations.spanSeries.flatMap((raw) =>
    isSampled(raw) ? [] : (demandOf(raw, observations) ?? []),
  );
  for (const change of measured.length > 0 ? measured : counted) {
    const known = found.get(change.service);
    if (!known || change.rank > known.rank) found.set(change.service, change);
  }
  return [...found.values()].sort((a, b) => a.service.localeCompare(b.service));
}

/** A handful of spans is a sample of requests and no count of them. */
function isSampled({ points }: Series): boolean {
  let total = 0;
  for (const value of points.values) total += Number.isFinite(value) ? value : 0;
  return total < spansMin;
}

function demandOf(raw: Series, observations: Observations) {
  const meaning = meaningOf(raw);
  if (meaning.signal !== "traffic") return null;
  const name = raw.metric.toLowerCase();
  if (/db|sql|query|queries|cache|client|outbound|retry|dns/.test(name)) return null;
  const series = asRate(raw);
  const before = median(valuesIn(series.points, observations.baseline));
  const after = median(valuesIn(series.points, observations.window));
  if (!(before > 0) || !Number.isFinite(after)) return null;
  const rank = (/request|rps|qps|visit|calls/.test(name) ? 2 : 0) - name.length / 100;
  return { service: raw.service, metric: raw.metric, before, after, ratio: after / before, rank };
}

/** A surge: the entry's requests rose, and with them those of most services behind it. */
export interface Surge {
  readonly entry: DemandChange;
  readonly following: readonly DemandChange[];
}

/** Rising demand at the entry and all along; null when only a callee is up. */
export function findSurge(observations: Observations, symptoms: Symptoms): Surge | null {
  const graph = buildCallGraph(observations.topology, observations.edges);
  const changes = demandChanges(observations);
  const entries = changes.filter((c) => isEntry(c.service, changes, graph));
  const entry = [...entries].sort((a, b) => b.before - a.before)[0];
  if (!entry || entry.ratio < surgeRatioMin || risesAfterFailure(entry, symptoms)) return null;
  const others = changes.filter((c) => c !== entry);
  const following = others.filter((c) => c.ratio - 1 >= (entry.ratio - 1) * followShare);
  const isAllAlong = others.length === 0 || following.length >= others.length / 2;
  return isAllAlong ? { entry, following } : null;
}

/** Nothing that reports traffic calls it. Without a graph every service may be the entry. */
function isEntry(service: string, all: readonly DemandChange[], graph: CallGraph): boolean {
  const callers = graph.callers.get(service) ?? new Set<string>();
  return !all.some((change) => callers.has(change.service));
}

/** Requests that follow the failures are people and clients trying again. */
function risesAfterFailure(entry: DemandChange, symptoms: Symptoms): boolean {
  const rise = symptoms.movements.find(
    (m) => m.service === entry.service && m.metric === entry.metric,
  );
  const failures = symptoms.movements.filter(
    (m) => m.isHarmful && (m.meaning.signal === "errors" || m.meaning.signal === "latency"),
  );
  const first = Math.min(...failures.map((m) => m.onset.at));
  return rise !== undefined && rise.onset.at > first + retryLagMs;
}
