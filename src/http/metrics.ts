import type { Gauge, HttpParts } from "./parts.ts";

/** The text format of Prometheus, version 0.0.4. */
export async function metricsText(parts: HttpParts): Promise<string> {
  const [jobs, alarms, quarantined] = await Promise.all([
    parts.store.jobs.counts(),
    parts.store.alarms.counts(),
    parts.store.alarms.quarantined(1),
  ]);
  const gauges: Gauge[] = [
    ...jobs.map(({ kind, state, count }) => ({
      name: "shodo_jobs",
      help: "Jobs in the queue by kind and state.",
      value: count,
      labels: { kind, state },
    })),
    ...Object.entries(alarms).map(([disposition, count]) => ({
      name: "shodo_alarms",
      help: "Accepted alarms by what became of them.",
      value: count,
      labels: { disposition },
    })),
    {
      name: "shodo_quarantined_messages",
      help: "Refused messages that are kept.",
      value: quarantined.total,
    },
    {
      name: "process_resident_memory_bytes",
      help: "Resident memory of this process.",
      value: process.memoryUsage.rss(),
    },
    ...parts.gauges(),
  ];
  const named = Map.groupBy(gauges, (gauge) => gauge.name);
  return [...named].map(([name, items]) => block(name, items)).join("");
}

function block(name: string, gauges: readonly Gauge[]): string {
  const lines = gauges.map(({ labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
  });
  return `# HELP ${name} ${gauges[0]?.help ?? ""}\n# TYPE ${name} gauge\n${lines.join("\n")}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
