import type { Finding } from "../../core/evidence.ts";
import type { QueryKind } from "../../core/query.ts";
import type { Observations } from "../../core/rows.ts";
import { toIso } from "../../core/window.ts";
import type { Movement } from "../metrics/movements.ts";
import { type Statement, say } from "../statement.ts";
import type { Symptom } from "./symptoms.ts";

/** How many of a service's failing lines or spans pass a test. */
export interface Share {
  readonly service: string;
  readonly matched: readonly Symptom[];
  readonly count: number;
  readonly total: number;
  /** 0..1: 1 where they make a good part of all failures of the system. */
  readonly prominence: number;
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
  const where = share.matched[0]?.source === "span" ? "spans" : "log lines";
  const { count, total, service } = share;
  const said = say("external.said", { count, total, where, service, sentence });
  const query = where === "spans" ? "span-attributes" : "log-patterns";
  const quote = share.matched[0]?.text;
  const base = finding(id, said, 0.9, query, observations, service);
  return { ...base, key: `external:${id}:text`, ...(quote ? { quote } : {}) };
}

/** A lifetime ran out. */
export function crossingFinding(crossing: Crossing, observations: Observations): Finding {
  const { service, metric, at } = crossing;
  const said = say("external.zero", { metric, service, time: toIso(at).slice(11, 16) });
  const base = finding("expiry", said, 0.95, "metric-series", observations, service);
  return { ...base, key: `external:expiry:${metric}`, at };
}

/** A metric that moved with it. */
export function metricFinding(id: string, movement: Movement, observations: Observations): Finding {
  const { service, metric, onset } = movement;
  const before = onset.levelBefore.toPrecision(3);
  const now = onset.levelAfter.toPrecision(3);
  const time = toIso(onset.at).slice(11, 16);
  const said = say("external.moved", { metric, service, before, now, time });
  const base = finding(id, said, 0.6, "metric-series", observations, service);
  return { ...base, key: `external:${id}:${service}:${metric}`, at: onset.at };
}

/** A statement about a cause outside. */
export function finding(
  id: string,
  said: Statement,
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
    ...said,
    weight,
    window: observations.window,
    provenance: observations.provenance[query] ?? [],
  };
}
