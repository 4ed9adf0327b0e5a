import type { Layer } from "../../core/outcome.ts";

/** What is known of a metric that AWS itself publishes. */
export interface AwsMetric {
  readonly unit: string;
  /** The statistic that says most: Sum for counts, Average for levels, p95 for durations. */
  readonly stat: string;
  readonly layer: Layer;
  readonly direction: "up-is-bad" | "down-is-bad" | "either";
  readonly meaning: string;
  /** Published once per day, so that no shorter period holds anything. */
  readonly isDaily: boolean;
}

/**
 * Metrics of the common namespaces, after the tables of each service's own documentation. One line
 * is `name | unit | statistic | layer | direction | meaning`; layer is A(pplication) or
 * I(nfrastructure); direction is + (up is bad), - (down is bad) or = (either); a `day` at the end
 * marks what is published once per day.
 */
const lines: Readonly<Record<string, string>> = {
  "AWS/ApplicationELB": `
RequestCount | count | Sum | A | = | requests that a target or the balancer answered
TargetResponseTime | s | p95 | A | + | time from request sent to a target to its first answer
HTTPCode_Target_2XX_Count | count | Sum | A | - | successful answers of targets
HTTPCode_Target_4XX_Count | count | Sum | A | + | client errors answered by targets
HTTPCode_Target_5XX_Count | count | Sum | A | + | server errors answered by targets
HTTPCode_ELB_5XX_Count | count | Sum | A | + | server errors answered by the balancer itself
HTTPCode_ELB_4XX_Count | count | Sum | A | + | client errors answered by the balancer itself
TargetConnectionErrorCount | count | Sum | I | + | connections to targets that failed
RejectedConnectionCount | count | Sum | I | + | connections refused at the balancer's limit
UnHealthyHostCount | count | Maximum | I | + | targets that fail their health check
HealthyHostCount | count | Minimum | I | - | targets that pass their health check
ActiveConnectionCount | count | Sum | I | = | open connections
ConsumedLCUs | count | Average | I | = | capacity units used`,
  "AWS/NetworkELB": `
UnHealthyHostCount | count | Maximum | I | + | targets that fail their health check
HealthyHostCount | count | Minimum | I | - | targets that pass their health check
ActiveFlowCount | count | Average | I | = | open flows
TCP_Target_Reset_Count | count | Sum | I | + | resets sent by targets`,
  "AWS/Lambda": `
Invocations | count | Sum | A | = | times the function ran
Errors | count | Sum | A | + | runs that ended in an error
Duration | ms | p95 | A | + | time one run took
Throttles | count | Sum | I | + | runs refused at the concurrency limit
ConcurrentExecutions | count | Maximum | I | + | runs at the same time
IteratorAge | ms | Maximum | A | + | age of the last stream record read
DeadLetterErrors | count | Sum | A | + | events lost on the way to the dead-letter queue
AsyncEventAge | ms | Maximum | A | + | wait of asynchronous events before a run`,
  "AWS/ApiGateway": `
Count | count | Sum | A | = | requests
4XXError | count | Sum | A | + | client errors (REST)
5XXError | count | Sum | A | + | server errors (REST)
4xx | count | Sum | A | + | client errors (HTTP)
5xx | count | Sum | A | + | server errors (HTTP)
Latency | ms | p95 | A | + | time from request to answer
IntegrationLatency | ms | p95 | A | + | time the backend took`,
  "AWS/ECS": `
CPUUtilization | % | Average | I | + | CPU used of what is reserved
MemoryUtilization | % | Average | I | + | memory used of what is reserved`,
  "ECS/ContainerInsights": `
CpuUtilized | count | Average | I | + | CPU units used
MemoryUtilized | MB | Average | I | + | memory used
RunningTaskCount | count | Minimum | I | - | tasks that run
PendingTaskCount | count | Maximum | I | + | tasks that wait for a place
RestartCount | count | Sum | I | + | restarts of containers`,
  ContainerInsights: `
pod_cpu_utilization | % | Average | I | + | CPU used by pods
pod_memory_utilization | % | Average | I | + | memory used by pods
pod_number_of_container_restarts | count | Maximum | I | + | restarts of containers
node_cpu_utilization | % | Average | I | + | CPU used by nodes
node_memory_utilization | % | Average | I | + | memory used by nodes
cluster_failed_node_count | count | Maximum | I | + | nodes that failed`,
  "AWS/EC2": `
CPUUtilization | % | Average | I | + | CPU used
NetworkIn | bytes | Sum | I | = | bytes received
NetworkOut | bytes | Sum | I | = | bytes sent
StatusCheckFailed | count | Maximum | I | + | instance or system check failed
CPUCreditBalance | count | Minimum | I | - | CPU credits left of a burstable instance`,
  "AWS/RDS": `
CPUUtilization | % | Average | I | + | CPU used
DatabaseConnections | count | Maximum | I | = | open connections
FreeableMemory | bytes | Minimum | I | - | memory left
FreeStorageSpace | bytes | Minimum | I | - | disk left
ReadLatency | s | Average | I | + | time of one disk read
WriteLatency | s | Average | I | + | time of one disk write
DiskQueueDepth | count | Average | I | + | disk operations that wait
ReplicaLag | s | Maximum | I | + | delay of a read replica
Deadlocks | count | Sum | A | + | deadlocks (Aurora)
BurstBalance | % | Minimum | I | - | disk credits left`,
  "AWS/DynamoDB": `
ConsumedReadCapacityUnits | count | Sum | I | = | read units used
ConsumedWriteCapacityUnits | count | Sum | I | = | write units used
ReadThrottleEvents | count | Sum | I | + | reads refused
WriteThrottleEvents | count | Sum | I | + | writes refused
ThrottledRequests | count | Sum | I | + | requests refused
SystemErrors | count | Sum | A | + | errors of DynamoDB itself
UserErrors | count | Sum | A | + | requests that were wrong
SuccessfulRequestLatency | ms | p95 | A | + | time of successful requests`,
  "AWS/SQS": `
ApproximateNumberOfMessagesVisible | count | Maximum | A | + | messages that wait
ApproximateAgeOfOldestMessage | s | Maximum | A | + | age of the oldest waiting message
ApproximateNumberOfMessagesNotVisible | count | Maximum | A | = | messages being worked on
NumberOfMessagesSent | count | Sum | A | = | messages put in
NumberOfMessagesReceived | count | Sum | A | = | messages handed out
NumberOfMessagesDeleted | count | Sum | A | - | messages done with`,
  "AWS/SNS": `
NumberOfMessagesPublished | count | Sum | A | = | messages accepted
NumberOfNotificationsFailed | count | Sum | A | + | messages that could not be delivered`,
  "AWS/Kinesis": `
GetRecords.IteratorAgeMilliseconds | ms | Maximum | A | + | age of the last record read
IncomingRecords | count | Sum | A | = | records put in
ReadProvisionedThroughputExceeded | count | Sum | I | + | reads refused
WriteProvisionedThroughputExceeded | count | Sum | I | + | writes refused`,
  "AWS/ElastiCache": `
CPUUtilization | % | Average | I | + | CPU used by the node
EngineCPUUtilization | % | Average | I | + | CPU used by the engine's thread
DatabaseMemoryUsagePercentage | % | Maximum | I | + | memory used
Evictions | count | Sum | I | + | keys thrown out for want of memory
CacheHits | count | Sum | A | - | reads that found their key
CacheMisses | count | Sum | A | + | reads that did not
CurrConnections | count | Maximum | I | = | open connections`,
  "AWS/States": `
ExecutionsFailed | count | Sum | A | + | executions that failed
ExecutionsTimedOut | count | Sum | A | + | executions that took too long
ExecutionThrottled | count | Sum | I | + | state changes refused
ExecutionTime | ms | p95 | A | + | time of one execution`,
  "AWS/CloudFront": `
Requests | count | Sum | A | = | requests
5xxErrorRate | % | Average | A | + | share of server errors
4xxErrorRate | % | Average | A | + | share of client errors
OriginLatency | ms | p95 | A | + | time the origin took`,
  "AWS/S3": `
BucketSizeBytes | bytes | Average | I | = | bytes stored | day
NumberOfObjects | count | Average | I | = | objects stored | day
AllRequests | count | Sum | A | = | requests
4xxErrors | count | Sum | A | + | client errors
5xxErrors | count | Sum | A | + | server errors
FirstByteLatency | ms | p95 | A | + | time to the first byte`,
  ApplicationSignals: `
Latency | ms | p95 | A | + | time an operation took
Error | count | Sum | A | + | client errors of an operation
Fault | count | Sum | A | + | server errors of an operation`,
  "AWS/Events": `
FailedInvocations | count | Sum | A | + | targets that could not be called
ThrottledRules | count | Sum | I | + | rules that were throttled`,
  "AWS/NATGateway": `
ErrorPortAllocation | count | Sum | I | + | connections without a free port
PacketsDropCount | count | Sum | I | + | packets dropped`,
};

/** Namespaces that hold metrics published once per day; ListMetrics forgets them after 3 hours. */
export const dailyNamespaces: readonly string[] = Object.keys(lines).filter((namespace) =>
  (lines[namespace] ?? "").includes("| day"),
);

const catalogue = new Map<string, AwsMetric>(
  Object.entries(lines).flatMap(([namespace, text]) =>
    text.split("\n").flatMap((line): [string, AwsMetric][] => {
      const [name, unit, stat, layer, direction, meaning, day] = line.split(" | ");
      if (!name || !unit || !stat || !meaning) return [];
      return [
        [
          `${namespace} ${name}`,
          {
            unit,
            stat,
            meaning,
            layer: layer === "I" ? "infrastructure" : "application",
            direction:
              direction === "+" ? "up-is-bad" : direction === "-" ? "down-is-bad" : "either",
            isDaily: day === "day",
          },
        ],
      ];
    }),
  ),
);

/** What is known of a metric of AWS's own; null for one of the user's. */
export function awsMetric(namespace: string, metric: string): AwsMetric | null {
  return catalogue.get(`${namespace} ${metric}`) ?? null;
}

// A count is added up, a duration is read at its tail, anything else is a level.
const durations = /(latency|duration|responsetime|elapsed|(^|[._-])time)($|[._-]|ms$|millis)/i;
const levels =
  /(rate|ratio|percent(age)?|utili[sz]ation|average|avg|size|depth|usage|balance|lag)$/i;
const counts =
  /(count|total|errors?|faults?|failures?|requests?|invocations|calls|orders?|payments?|sign.?ups?|logins?|placed|sent|received|processed|messages|events|revenue|sales|throttles?|retries|timeouts?)/i;

/** What a dotted or spaced name ends in says most: `request.duration.errors` counts. */
const endsInCount = /[._-](count|counts|errors?|failures?|total|sum)$/i;
const endsInLevel = /[._-](mean|avg|average|median|min|max|p\d{1,2}(\.?\d+)?)$/i;

/** The statistic of a metric: the catalogue's, else by the words of its name. */
export function statisticOf(namespace: string, metric: string): string {
  const known = awsMetric(namespace, metric);
  if (known) return known.stat;
  if (endsInLevel.test(metric)) return "Average";
  if (endsInCount.test(metric)) return "Sum";
  if (durations.test(metric)) return "p95";
  if (levels.test(metric)) return "Average";
  return counts.test(metric) ? "Sum" : "Average";
}
