import type { Finding } from "../core/evidence.ts";
import type { QueryKind } from "../core/query.ts";
import type { Observations } from "../core/rows.ts";
import { toIso } from "../core/window.ts";
import type { Movement } from "./movements.ts";
import type { Symptom } from "./symptoms.ts";

/** How many of a service's failing lines or spans pass a test. */
export interface Share {
  readonly service: string;
  readonly matched: readonly Symptom[];
  readonly count: number;
  readonly total: number;
}

/** A metric that reached zero. */
export interface Crossing {
  readonly service: string;
  readonly metric: string;
  readonly at: number;
}

/** So many of a service's failing lines or spans say it. */
export function textFinding(
  id: string,
  share: Share,
  sentence: string,
  observations: Observations,
): Finding {
  const source = share.matched[0]?.source === "span" ? "spans" : "log lines";
  const statement = `${share.count} of ${share.total} failing ${source} of ${share.service} say so: ${sentence}`;
  const query = source === "spans" ? "span-attributes" : "log-patterns";
  const quote = share.matched[0]?.text;
  const base = finding(id, statement, 0.9, query, observations, share.service);
  return { ...base, key: `external:${id}:text`, ...(quote ? { quote } : {}) };
}

/** A lifetime ran out. */
export function crossingFinding(crossing: Crossing, observations: Observations): Finding {
  const { service, metric, at } = crossing;
  const statement = `${metric} of ${service} reached zero at ${toIso(at).slice(11, 16)}`;
  const base = finding("expiry", statement, 0.95, "metric-series", observations, service);
  return { ...base, key: `external:expiry:${metric}`, at };
}

/** A metric that moved with it. */
export function metricFinding(id: string, movement: Movement, observations: Observations): Finding {
  const { service, metric, onset } = movement;
  const from = onset.levelBefore.toPrecision(3);
  const to = onset.levelAfter.toPrecision(3);
  const time = toIso(onset.at).slice(11, 16);
  const statement = `${metric} of ${service} went from ${from} to ${to} at ${time}`;
  const base = finding(id, statement, 0.6, "metric-series", observations, service);
  return { ...base, key: `external:${id}:${service}:${metric}`, at: onset.at };
}

/** A statement about a cause outside. */
export function finding(
  id: string,
  statement: string,
  weight: number,
  query: QueryKind,
  observations: Observations,
  service: string,
): Finding {
  return {
    key: `external:${id}`,
    layer: "application",
    kind: "external",
    service,
    statement,
    weight,
    window: observations.window,
    provenance: observations.provenance[query] ?? [],
  };
}
