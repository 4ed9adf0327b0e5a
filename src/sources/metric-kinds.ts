import type { MetricRow } from "./capture/rows.ts";

/** Layer and measured thing of a metric, read from its name and the scope that sent it. */
export interface MetricKind {
  layer: MetricRow["layer"];
  /** What is measured, such as `cpu` or `db-pool`; null when it is the service as a whole. */
  part: string | null;
}

// Prefixes of the OpenTelemetry semantic conventions, first match wins.
const infrastructureParts: readonly (readonly [prefix: RegExp, part: string])[] = [
  [/^(process|container|k8s\.(pod|node|container)|system)\.cpu\b/, "cpu"],
  [/^(process|container|k8s\.(pod|node|container)|system)\.(memory|paging)\b/, "memory"],
  [/^(v8js|jvm|go|nodejs)\.(memory|heap|gc)\b/, "memory"],
  [/^jvm\.cpu\b/, "cpu"],
  [/^nodejs\.eventloop\b/, "event-loop"],
  [/^(system|container|k8s\.pod)\.(disk|filesystem)\b/, "disk"],
  [/^(system|container|k8s\.pod)\.network\b/, "network"],
  [/^db\.client\.connections?\b/, "db-pool"],
  [/^(postgresql|mysql|redis|mongodb)\b/, "database"],
  [/^(queue|messaging|kafka|rabbitmq|aws\.sqs)\b/, "queue"],
  [/^(process|system|container|k8s|jvm|v8js|nodejs|go)\./, "runtime"],
  // Any bounded set of places to work in, by whatever name its owner gave it.
  [/(^|[._])slots?[._]/, "slots"],
  [/(^|[._])(threads?|workers?)[._](busy|active|used|utilization|waiting|queue)/, "workers"],
];

/**
 * A metric is a business metric when its scope says so (a name with `business` or `kpi` in it),
 * infrastructure by the prefixes above, else it describes the application.
 */
export function metricKind(metric: string, scope: string): MetricKind {
  if (/\b(business|kpi)\b/i.test(scope)) return { layer: "business", part: null };
  for (const [prefix, part] of infrastructureParts) {
    if (prefix.test(metric)) return { layer: "infrastructure", part };
  }
  return { layer: "application", part: null };
}
