/**
 * Names under which senders say which service an alarm is about, most telling first: those that
 * name a service, then those that name the thing that is one.
 */
const serviceLabels = [
  "service",
  "Service",
  "ServiceName",
  "service_name",
  "app",
  "application",
  "ApplicationName",
  "FunctionName",
  "ApiName",
  "QueueName",
  "TableName",
  "DBInstanceIdentifier",
  "DBClusterIdentifier",
  "CacheClusterId",
  "deployment",
  "LoadBalancer",
  "TargetGroup",
  "job",
] as const;

/** The service that labels or dimensions name, or null. */
export function serviceOf(labels: Readonly<Record<string, string>>): string | null {
  for (const label of serviceLabels) {
    const value = labels[label];
    if (value) return plainName(label, value);
  }
  return null;
}

/** `app/web/50dc6c495c0c9188` and `targetgroup/web/73e2d6bc24d8a067` are about `web`. */
function plainName(label: string, value: string): string {
  if (label !== "LoadBalancer" && label !== "TargetGroup") return value;
  return value.split("/")[1] ?? value;
}
