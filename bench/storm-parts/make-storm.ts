import type { Edge } from "../../src/core/rows.ts";

/** One alarm of a made-up storm; `cause` is the incident that it truly belongs to. */
export interface StormAlarm {
  readonly atMs: number;
  readonly name: string;
  readonly service: string;
  readonly cause: number;
}

export interface Storm {
  readonly edges: readonly Edge[];
  readonly roots: readonly string[];
  /** In order of time. */
  readonly alarms: readonly StormAlarm[];
}

export interface StormOptions {
  readonly seed: number;
  readonly services: number;
  readonly incidents: number;
  readonly alarms: number;
  readonly lengthMs: number;
  /** Alarms of services that have nothing to do with any incident; each is a cause of its own. */
  readonly noise: number;
}

/** How faults show at their root, and how at those who call it. */
const kinds = [
  {
    root: ["latency p95 too high", "request queue too long", "connection pool exhausted"],
    victim: ["latency p95 too high", "timeouts to downstream", "request queue too long"],
  },
  {
    root: ["error rate too high", "availability below objective", "restarts"],
    victim: ["error rate too high", "availability below objective", "retries to downstream"],
  },
  {
    root: ["cpu saturated", "memory pressure", "latency p99 too high", "request queue too long"],
    victim: ["latency p99 too high", "timeouts to downstream", "error rate too high"],
  },
] as const;

/**
 * Chance that a fault shows one call further up; it is diluted, since callers have other callees.
 */
const reach = [0.9, 0.8, 0.7, 0.5];
/** Gateways only route: one failing entry service of a dozen seldom trips their own alarms. */
const reachGateway = 0.3;

/**
 * A layered company: gateways, one or two entry services per domain, services, data stores; most
 * calls stay in their domain. A fault starts at its root at a random moment of the first half and
 * climbs to callers with probability 0.8 per call, up to four hops, one to six seconds per hop.
 * Every service hit fires one to three alarms, and repeats them until the storm ends. It belongs to
 * the incident that reached it first: what a second one adds there, nobody could tell.
 */
export function makeStorm(options: StormOptions): Storm {
  const random = mulberry32(options.seed);
  const edges = makeTopology(options.services, random);
  const callers = Map.groupBy(edges, (edge) => edge.to);
  const names = [...new Set(edges.flatMap((edge) => [edge.from, edge.to]))].sort();
  const roots = pickRoots(names, options.incidents, callers, random);
  const waves = roots.flatMap((root, cause) => {
    const startMs = random() * options.lengthMs * 0.5;
    const kind = kinds[Math.floor(random() * kinds.length)] ?? kinds[0];
    return climb(root, callers, random).map(({ service, hops }) => {
      const atMs = startMs + hops * (1_000 + random() * 5_000) + random() * 500;
      return { atMs, service, cause, symptoms: hops === 0 ? kind.root : kind.victim };
    });
  });
  const first = new Map<string, StormAlarm>();
  const reached = new Set<string>();
  for (const wave of waves.sort((a, b) => a.atMs - b.atMs)) {
    if (reached.has(wave.service)) continue;
    reached.add(wave.service);
    const shown = shuffled(wave.symptoms, random).slice(0, 1 + Math.floor(random() * 3));
    for (const name of shown) {
      const atMs = wave.atMs + random() * 2_000;
      first.set(`${wave.service} ${name}`, { ...wave, atMs, name });
    }
  }
  const hit = new Set([...first.values()].map((alarm) => alarm.service));
  const quiet = shuffled(
    names.filter((name) => !hit.has(name)),
    random,
  );
  for (const [n, service] of quiet.slice(0, options.noise).entries()) {
    const atMs = random() * options.lengthMs;
    const name = kinds[n % kinds.length]?.root[0] ?? "";
    first.set(`${service} noise`, { atMs, name, service, cause: 1_000 + n });
  }
  return { edges, roots, alarms: repeat([...first.values()], options, random) };
}

/** Fills up to the wanted number with repeats of alarms that have fired. */
function repeat(
  first: readonly StormAlarm[],
  options: StormOptions,
  random: () => number,
): StormAlarm[] {
  const inTime = first.filter((alarm) => alarm.atMs < options.lengthMs);
  const all = [...inTime];
  while (all.length < options.alarms) {
    const alarm = inTime[Math.floor(random() * inTime.length)];
    if (!alarm) throw new Error("the storm has no alarm at all");
    const atMs = alarm.atMs + random() * (options.lengthMs - alarm.atMs);
    all.push({ ...alarm, atMs });
  }
  return all.sort((a, b) => a.atMs - b.atMs);
}

function makeTopology(count: number, random: () => number): Edge[] {
  const gateways = Array.from({ length: 4 }, (_, n) => `gateway-${n}`);
  const domains = 10;
  const perDomain = Math.floor((count - gateways.length) / domains);
  const edges: Edge[] = [];
  const call = (from: string, to: string) => edges.push({ from, to, kind: "calls" });
  const middles: string[] = [];
  for (let d = 0; d < domains; d += 1) {
    const [entries = [], ...below] = tiersOf(d, perDomain);
    for (const entry of entries) {
      for (const gateway of gateways) if (random() < 0.6) call(gateway, entry);
    }
    for (const [n, tier] of below.entries()) {
      callTier(n === 0 ? entries : (below[n - 1] ?? []), tier, random, call);
    }
    middles.push(...(below[0] ?? []));
  }
  for (const from of middles) {
    const to = middles[Math.floor(random() * middles.length)] ?? from;
    if (random() < 0.3 && to.slice(0, 2) !== from.slice(0, 2)) call(from, to);
  }
  return edges;
}

/** Every service of a tier is called by one or two of the tier above. */
function callTier(
  above: readonly string[],
  tier: readonly string[],
  random: () => number,
  call: (from: string, to: string) => void,
): void {
  for (const callee of tier) {
    const callers = shuffled(above, random).slice(0, 1 + Math.floor(random() * 2));
    for (const caller of callers) call(caller, callee);
  }
}

/** Names of a domain's services, from the entry down to the stores. */
function tiersOf(domain: number, count: number): string[][] {
  const tier = (name: string, share: number) =>
    Array.from(
      { length: Math.max(1, Math.round(count * share)) },
      (_, n) => `d${domain}-${name}-${n}`,
    );
  return [tier("entry", 0.1), tier("service", 0.3), tier("worker", 0.3), tier("store", 0.3)];
}

/**
 * Places where six separate problems can begin: none is among the callers that another one hits.
 */
function pickRoots(
  names: readonly string[],
  count: number,
  callers: ReadonlyMap<string, readonly Edge[]>,
  random: () => number,
): string[] {
  const deep = names.filter((name) => /-(service|worker|store)-/.test(name));
  const all = (name: string) => climb(name, callers, () => 0).map(({ service }) => service);
  const roots: string[] = [];
  for (const name of shuffled(deep, random)) {
    if (roots.length >= count) break;
    const isApart = roots.every((root) => !all(root).includes(name) && !all(name).includes(root));
    if (isApart) roots.push(name);
  }
  return roots;
}

function climb(
  root: string,
  callers: ReadonlyMap<string, readonly Edge[]>,
  random: () => number,
): { service: string; hops: number }[] {
  const hit = new Map([[root, 0]]);
  let edge = [root];
  for (let hops = 1; hops <= reach.length; hops += 1) {
    const next: string[] = [];
    for (const service of edge) {
      for (const { from } of callers.get(service) ?? []) {
        const chance = from.startsWith("gateway") ? reachGateway : (reach[hops - 1] ?? 0);
        if (hit.has(from) || random() > chance) continue;
        hit.set(from, hops);
        next.push(from);
      }
    }
    edge = next;
  }
  return [...hit].map(([service, hops]) => ({ service, hops }));
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let n = copy.length - 1; n > 0; n -= 1) {
    const other = Math.floor(random() * (n + 1));
    const [a, b] = [copy[n], copy[other]];
    if (a !== undefined && b !== undefined) [copy[n], copy[other]] = [b, a];
  }
  return copy;
}

/** Small seeded generator by Tommy Ettinger (public domain), enough for a reproducible storm. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Pairwise precision, recall and F1 of a grouping against the truth. */
export function pairwise(pairs: readonly (readonly [truth: string, given: string])[]): {
  precision: number;
  recall: number;
  f1: number;
} {
  const count = (keys: readonly string[]) => {
    let sum = 0;
    for (const group of Map.groupBy(keys, (key) => key).values()) {
      sum += (group.length * (group.length - 1)) / 2;
    }
    return sum;
  };
  const both = count(pairs.map(([truth, given]) => `${truth}|${given}`));
  const precision = both / count(pairs.map(([, given]) => given));
  const recall = both / count(pairs.map(([truth]) => truth));
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}
