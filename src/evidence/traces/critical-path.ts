import type { SampledSpan } from "../../core/rows.ts";

/** A stretch of a trace's critical path: time that the whole request waited for this span. */
export interface PathPart {
  readonly service: string;
  /** Service that called into this one; null where the request enters. */
  readonly caller: string | null;
  readonly ms: number;
}

/** What one service holds of the critical path of the sampled requests, now and in normal time. */
export interface CriticalShare {
  readonly service: string;
  /** Service over whose calls most of the added time came; null at the entry. */
  readonly caller: string | null;
  /** Mean per request, ms. */
  readonly nowMs: number;
  readonly usualMs: number;
  /** Of the whole request, 0..1. */
  readonly nowShare: number;
  readonly usualShare: number;
  /** Longer by this much per request, beyond two standard errors; 0 within the noise. */
  readonly excessMs: number;
}

export interface CriticalPaths {
  /** Largest excess first. */
  readonly services: readonly CriticalShare[];
  /** Requests sampled in each period, of the entries that both periods have. */
  readonly traces: { readonly now: number; readonly usual: number };
  readonly totalMs: { readonly now: number; readonly usual: number };
}

/** An entry needs this many sampled requests in each period to be compared. */
const tracesMin = 3;

/**
 * Compares the critical paths of sampled requests. Requests are compared with those that enter by
 * the same operation, so that another mix of requests does not look like another path. Null when no
 * entry was sampled in both periods.
 */
export function criticalPaths(sample: readonly SampledSpan[]): CriticalPaths | null {
  const entries = new Map<string, { now: PathPart[][]; usual: PathPart[][] }>();
  for (const spans of byTrace(sample).values()) {
    const root = rootOf(spans);
    if (!root) continue;
    const key = `${root.service}\u0000${root.operation}`;
    const known = entries.get(key) ?? { now: [], usual: [] };
    known[root.period === "window" ? "now" : "usual"].push([...criticalPath(spans, root)]);
    entries.set(key, known);
  }
  const both = [...entries.values()].filter(
    ({ now, usual }) => now.length >= tracesMin && usual.length >= tracesMin,
  );
  return both.length === 0 ? null : joined(both);
}

/**
 * The critical path of one trace: from the end of its root back to its start, always along the
 * child that ended last (after CRISP, Zhang et al., USENIX ATC 2022). The parts add up to the
 * duration of the root; what runs beside the path, or on after its parent, is not on it.
 */
export function criticalPath(
  spans: readonly SampledSpan[],
  root: SampledSpan | null = rootOf(spans),
): readonly PathPart[] {
  if (!root) return [];
  const children = childrenOf(spans);
  const parts: PathPart[] = [];
  const walked = new Set<string>([root.span]);
  const open = [{ span: root, caller: null as string | null, from: root.start, to: endOf(root) }];
  for (let at = open.pop(); at; at = open.pop()) {
    const { span, caller, from, to } = at;
    let until = to;
    let own = 0;
    for (const child of children.get(span.span) ?? []) {
      const start = Math.max(child.start, from);
      const end = Math.min(endOf(child), until);
      if (end <= start || walked.has(child.span)) continue;
      walked.add(child.span);
      own += until - end;
      const calledBy = child.service === span.service ? caller : span.service;
      open.push({ span: child, caller: calledBy, from: start, to: end });
      until = start;
    }
    own += until - from;
    if (own > 0) parts.push({ service: span.service, caller, ms: own });
  }
  return parts;
}

/** The root of a trace; of several (spans went missing) the longest. */
function rootOf(spans: readonly SampledSpan[]): SampledSpan | null {
  const ids = new Set(spans.map((item) => item.span));
  let root: SampledSpan | null = null;
  for (const item of spans) {
    const isRoot = item.parent === null || !ids.has(item.parent);
    if (isRoot && (!root || item.durationMs > root.durationMs)) root = item;
  }
  return root;
}

/** Children by parent, the one that ended last first. */
function childrenOf(spans: readonly SampledSpan[]): ReadonlyMap<string, readonly SampledSpan[]> {
  const children = new Map<string, SampledSpan[]>();
  for (const item of spans) {
    if (item.parent === null) continue;
    const known = children.get(item.parent);
    if (known) known.push(item);
    else children.set(item.parent, [item]);
  }
  for (const list of children.values()) list.sort((a, b) => endOf(b) - endOf(a));
  return children;
}

function endOf({ start, durationMs }: SampledSpan): number {
  return start + durationMs;
}

function byTrace(sample: readonly SampledSpan[]): ReadonlyMap<string, SampledSpan[]> {
  const traces = new Map<string, SampledSpan[]>();
  for (const item of sample) {
    const known = traces.get(item.trace);
    if (known) known.push(item);
    else traces.set(item.trace, [item]);
  }
  return traces;
}

interface Sums {
  nowMs: number;
  usualMs: number;
  variance: number;
  byCaller: Map<string | null, number>;
}

/** Entries weigh by their requests now, in both periods. */
function joined(
  entries: readonly { now: readonly PathPart[][]; usual: readonly PathPart[][] }[],
): CriticalPaths {
  const traces = {
    now: entries.reduce((sum, entry) => sum + entry.now.length, 0),
    usual: entries.reduce((sum, entry) => sum + entry.usual.length, 0),
  };
  const services = new Map<string, Sums>();
  for (const entry of entries) {
    const weight = entry.now.length / traces.now;
    const names = new Set([...entry.now, ...entry.usual].flat().map((part) => part.service));
    for (const name of names) {
      const sums = services.get(name) ?? {
        ...{ nowMs: 0, usualMs: 0, variance: 0 },
        byCaller: new Map(),
      };
      const now = momentsOf(entry.now, name);
      const usual = momentsOf(entry.usual, name);
      sums.nowMs += weight * now.mean;
      sums.usualMs += weight * usual.mean;
      sums.variance += weight ** 2 * (now.errorSquared + usual.errorSquared);
      addCallers(sums.byCaller, entry.now, name, weight / entry.now.length);
      addCallers(sums.byCaller, entry.usual, name, -weight / entry.usual.length);
      services.set(name, sums);
    }
  }
  const total = (pick: (sums: Sums) => number) =>
    [...services.values()].reduce((sum, sums) => sum + pick(sums), 0);
  const totalMs = { now: total((sums) => sums.nowMs), usual: total((sums) => sums.usualMs) };
  const shares = [...services].map(([service, sums]) => shareOf(service, sums, totalMs));
  return {
    services: shares.sort((a, b) => b.excessMs - a.excessMs || a.service.localeCompare(b.service)),
    traces,
    totalMs,
  };
}

function shareOf(
  service: string,
  { nowMs, usualMs, variance, byCaller }: Sums,
  totalMs: CriticalPaths["totalMs"],
): CriticalShare {
  const [caller] = [...byCaller].sort(
    (a, b) => b[1] - a[1] || String(a[0]).localeCompare(String(b[0])),
  )[0] ?? [null];
  const beyond = nowMs - usualMs - 2 * Math.sqrt(variance);
  return {
    service,
    caller,
    nowMs,
    usualMs,
    nowShare: totalMs.now > 0 ? nowMs / totalMs.now : 0,
    usualShare: totalMs.usual > 0 ? usualMs / totalMs.usual : 0,
    excessMs: beyond > 0 ? nowMs - usualMs : 0,
  };
}

/** Mean per trace and its squared standard error. */
function momentsOf(traces: readonly (readonly PathPart[])[], service: string) {
  const values = traces.map((parts) => {
    let ms = 0;
    for (const part of parts) if (part.service === service) ms += part.ms;
    return ms;
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, errorSquared: squares / Math.max(1, values.length - 1) / values.length };
}

function addCallers(
  sums: Map<string | null, number>,
  traces: readonly (readonly PathPart[])[],
  service: string,
  weight: number,
): void {
  for (const part of traces.flat()) {
    if (part.service !== service) continue;
    sums.set(part.caller, (sums.get(part.caller) ?? 0) + weight * part.ms);
  }
}
