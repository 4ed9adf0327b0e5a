import { describe, expect, it } from "vitest";
import { meaningOf } from "./metric-meaning.ts";

const of = (metric: string, unit: string | null = null) => meaningOf({ metric, unit, layer: null });

describe("meaningOf", () => {
  it.each([
    ["http_server_duration_p99_ms", "latency", null, "up", "ms"],
    ["latency_average", "latency", null, "up", null],
    ["response_time_seconds", "latency", null, "up", "s"],
    ["db_query_latency", "latency", null, "up", null],
    ["availability_average", "availability", null, "down", null],
    ["payment.success_rate", "availability", null, "down", null],
    ["http_5xx_ratio", "errors", null, "up", "ratio"],
    ["charge_error_rate_pct", "errors", null, "up", "%"],
    ["container_oom_killed_total", "errors", null, "up", null],
    ["requests_per_sec", "traffic", null, "either", null],
    ["workload", "traffic", null, "either", null],
    ["cpu_percent", "resource", "cpu", "up", "%"],
    ["memory_usage", "resource", "memory", "up", null],
    ["mem", "resource", "memory", "up", null],
    ["disk_free_bytes", "resource", "disk", "down", "bytes"],
    ["network_receive_bytes", "resource", "network", "either", "bytes"],
    ["tcp_retrans", "resource", "network", "up", null],
    ["network_utilization", "resource", "network", "up", null],
    ["db_pool_connections_active", "resource", "pool", "up", null],
    ["consumer_lag", "resource", "queue", "up", null],
    ["certificate_expiry_days", "resource", "expiry", "down", null],
    ["revenue", "business", null, "down", null],
    ["conversion_rate", "business", null, "down", null],
    ["cart_abandonment_rate", "business", null, "up", null],
    ["payments_declined", "errors", null, "up", null],
    ["rows_loaded", "business", null, "down", null],
    ["HTTPCode_Target_5XX_Count", "errors", null, "up", null],
    ["5XXError", "errors", null, "up", null],
    ["EngineCPUUtilization", "resource", "cpu", "up", null],
    ["CPUCreditBalance", "resource", "cpu", "down", null],
    ["FreeableMemory", "resource", "memory", "down", null],
    ["IteratorAgeMilliseconds", "resource", "queue", "up", "ms"],
    ["ApproximateNumberOfMessagesVisible", "resource", "queue", "up", null],
    ["NumberOfMessagesReceived", "traffic", null, "either", null],
    ["ConcurrentExecutions", "resource", "threads", "up", null],
    ["HealthyHostCount", "resource", "instances", "down", null],
    ["UnHealthyHostCount", "resource", "instances", "up", null],
    ["kube_deployment_status_replicas_available", "resource", "instances", "down", null],
    ["container_cpu_cfs_throttled_periods_total", "resource", "cpu", "up", null],
    ["receive_packets_dropped_total", "resource", "network", "up", null],
    ["redis_keyspace_hits_total", "traffic", null, "either", null],
    ["error_budget_remaining", "other", null, "either", null],
    ["mrt", "latency", null, "up", null],
    ["succee_rate", "availability", null, "down", null],
  ] as const)("reads %s", (metric, signal, resource, harm, unit) => {
    expect(of(metric)).toMatchObject({ signal, resource, harm, unit });
  });

  it("reads percentiles and machines", () => {
    expect(of("latency_p95").percentile).toBe(0.95);
    expect(of("latency-90").percentile).toBe(0.9);
    expect(of("latency_p999").percentile).toBe(0.999);
    expect(of("node_cpu_usage_rate").isNode).toBe(true);
    expect(of("HealthyHostCount").isNode).toBe(false);
  });

  it("believes the unit that was sent before the name", () => {
    expect(of("duration", "Milliseconds").unit).toBe("ms");
    expect(of("usage", "By").unit).toBe("bytes");
    expect(of("Errors", "Count").unit).toBe("");
    expect(of("calls", "{call}").unit).toBe("");
  });
});
