import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Dialect, iso, jsonl } from "./dialects.ts";
import { everyday, type Imagined } from "./imagined.ts";
import { measuresOf } from "./measures.ts";
import { outside, parts, play } from "./system.ts";

const zeroMs = Date.UTC(2026, 10, 10, 14, 20);
const atMs = (minute: number) => zeroMs + minute * 60_000;
const baselineMinutes = 25;

/** Plays an imagined incident and files it as a capture, in the words of a dialect. */
export function writeCase(
  imagined: Imagined,
  dialect: Dialect,
  seed: number,
  folder: string,
): void {
  mkdirSync(folder, { recursive: true });
  const [from, to] = imagined.window ?? [0, 15];
  const begin = Math.min(-baselineMinutes, from - baselineMinutes);
  const missing = new Set(imagined.without ?? []);
  const first = missing.has("baseline") ? from : begin;
  const played = play(imagined.fault, first, to, seed);
  const isSeen = ({ service }: { service: string }) => !missing.has(service);
  const measures = measuresOf(played.spans, imagined.fault, first, to, seed).filter(isSeen);
  const files = {
    ...(missing.has("metrics") ? {} : dialect.metrics(measures, atMs)),
    ...(missing.has("logs") ? {} : dialect.logs(inOrder(played.lines).filter(isSeen), atMs)),
    ...(missing.has("spans") ? {} : dialect.spans(played.spans.filter(isSeen), atMs)),
    ...(missing.has("changes") ? {} : { "changes.jsonl": changesOf(imagined, dialect) }),
    ...(missing.has("topology") ? {} : { "topology.json": topologyOf(dialect) }),
    "incident.json": JSON.stringify(incidentOf(imagined, dialect, [from, to]), null, 1),
    "truth.json": JSON.stringify(truthOf(imagined, dialect), null, 1),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

const inOrder = <Item extends { minute: number }>(items: readonly Item[]) =>
  [...items].sort((a, b) => a.minute - b.minute);

function changesOf({ changes = [] }: Imagined, dialect: Dialect): string {
  return jsonl(
    inOrder([...everyday, ...changes]).map(({ minute, service, ...rest }) => ({
      timestamp: iso(atMs(minute)),
      service: dialect.service(service),
      ...rest,
    })),
  );
}

function topologyOf(dialect: Dialect): string {
  const edges = Object.entries(parts).flatMap(([from, { calls }]) =>
    calls
      .filter((to) => to !== outside)
      .map((to) => ({ from: dialect.service(from), to: dialect.service(to), kind: "call" })),
  );
  return JSON.stringify({ edges }, null, 1);
}

function incidentOf(imagined: Imagined, dialect: Dialect, [from, to]: readonly [number, number]) {
  const { alarm } = imagined;
  const span = (a: number, b: number) => ({ from: iso(atMs(a)), to: iso(atMs(b)) });
  return {
    id: `imagined-${imagined.name}`,
    title: alarm.summary,
    trigger: {
      kind: alarm.measure ? "alarm" : "question",
      ...(alarm.service ? { service: dialect.service(alarm.service) } : {}),
      ...(alarm.measure ? { metric: dialect.metric(alarm.measure) } : {}),
      ...(alarm.threshold === undefined ? {} : { threshold: alarm.threshold }),
      firedAt: iso(atMs(alarm.minute ?? 6)),
      severity: "high",
      summary: alarm.summary,
    },
    window: span(from, to),
    ...(imagined.without?.includes("baseline")
      ? {}
      : { baseline: span(from - baselineMinutes, from) }),
    kpis: [
      {
        ...{ name: "Orders placed", metric: dialect.metric("orders"), direction: "up-is-good" },
        service: dialect.service("orders"),
        unit: "orders",
      },
    ],
  };
}

function truthOf({ services, guilty, changes = [] }: Imagined, dialect: Dialect) {
  const isHealthy = services.length === 0;
  const decoys = [...everyday, ...changes].map(({ ref }) => ref);
  return {
    kind: isHealthy ? "false-alarm" : "fault",
    services: services.map((service) => dialect.service(service)),
    ...(isHealthy ? { changes: [] } : guilty ? { changes: guilty } : {}),
    decoys: decoys.filter((ref) => !guilty?.includes(ref)),
  };
}
