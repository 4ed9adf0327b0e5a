import type { Kpi } from "../core/objectives.ts";
import type { Layer } from "../core/outcome.ts";

const words = (list: string) => new RegExp(`(?:^|[^a-z])(?:${list})(?:$|[^a-z])`);

/** What a caller sees of a service: this wins over the name of the thing that measures it. */
const experience = words(
  "latency|duration|requests?|errors?|failures?|success|availability|response|responses|rps|qps|" +
    "throughput|workload|5xx|4xx|timeouts?|calls?|fault|faults",
);
const resources = words(
  "cpu|memory|mem|rss|heap|swap|disk|disks|fs|filesystem|inode|inodes|iops|volume|network|net|" +
    "bandwidth|node|nodes|pod|pods|container|containers|host|k8s|kube|jvm|gc|nodejs|process|" +
    "threads?|goroutines?|load|syscall|syscalls|fd|fds|pool|pools|connections?|conn|conns|oom|" +
    "restarts?|uptime|eventloop|loop|utili[sz]ation|saturation|tcp|udp|dns|lag",
);

/**
 * The layer a metric speaks of, for data that does not say. Camel case counts as separate words.
 */
export function layerOf(service: string, metric: string, kpis: readonly Kpi[]): Layer {
  const isKpi = kpis.some((k) => k.metric === metric && (!k.service || k.service === service));
  if (isKpi) return "business";
  const name = metric.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  if (experience.test(name)) return "application";
  return resources.test(name) ? "infrastructure" : "application";
}
