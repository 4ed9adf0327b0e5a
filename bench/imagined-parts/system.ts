/** A made-up shop, simulated request by request, so that all its telemetry tells one story. */

export interface Call {
  readonly service: string;
  readonly minute: number;
  readonly tenant: string;
  readonly chance: () => number;
}

export interface Line {
  readonly minute: number;
  readonly service: string;
  readonly severity: "DEBUG" | "INFO" | "WARN" | "ERROR";
  readonly body: string;
  readonly trace?: string;
}

/** What is wrong, as far as it touches a request or a resource. Minute 0 is the window's start. */
export interface Fault {
  /** Own time of a call is multiplied by this, and this many ms are added. */
  slow?(call: Call): { readonly times?: number; readonly addMs?: number } | undefined;
  /** What the service says when it fails by itself; undefined when it does not. */
  fails?(call: Call): string | undefined;
  /** How often a caller makes a call, where that is not as usual; a fraction is a chance. */
  calls?(caller: string, callee: string, minute: number): number | undefined;
  /** The call never arrives: it ends with this error after this time. */
  cut?(caller: string, callee: string, minute: number): readonly [string, number] | undefined;
  /** Requests compared with usual, for one kind of request where they differ. */
  load?(minute: number, kind: string): number;
  /** A measured resource of a service instead of its usual value. */
  resource?(service: string, name: ResourceName, minute: number, usual: number): number | undefined;
  readonly lines?: readonly Line[];
}

export type ResourceName = "cpu" | "memory" | "disk" | "pool" | "threads" | "lag" | "restarts";

export interface Span {
  readonly trace: string;
  readonly id: string;
  readonly parent: string | null;
  readonly service: string;
  readonly name: string;
  readonly kind: "server" | "client";
  readonly startMs: number;
  readonly durationMs: number;
  readonly error: string | null;
  readonly attributes: Readonly<Record<string, string | number>>;
}

interface Part {
  readonly ownMs: number;
  readonly calls: readonly string[];
  /** Has no spans and logs of its own. */
  readonly isStore?: boolean;
}

export const parts: Readonly<Record<string, Part>> = {
  web: { ownMs: 6, calls: ["gateway"] },
  gateway: { ownMs: 4, calls: ["search", "cart", "orders"] },
  search: { ownMs: 25, calls: ["redis", "elastic"] },
  cart: { ownMs: 8, calls: ["redis"] },
  orders: { ownMs: 18, calls: ["inventory", "payments", "mysql"] },
  inventory: { ownMs: 10, calls: ["mysql"] },
  payments: { ownMs: 30, calls: ["acquirer"] },
  mailer: { ownMs: 15, calls: ["mysql"] },
  mysql: { ownMs: 5, calls: [], isStore: true },
  redis: { ownMs: 1, calls: [], isStore: true },
  elastic: { ownMs: 12, calls: [], isStore: true },
  acquirer: { ownMs: 80, calls: [], isStore: true },
};

/** The party outside: called, and never seen. */
export const outside = "acquirer";
export const operations: Readonly<Record<string, string>> = {
  search: "GET /search",
  cart: "POST /cart/items",
  orders: "POST /orders",
};
/** Search results mostly come from the cache. */
const usualCalls = (caller: string, callee: string) =>
  caller === "search" && callee === "elastic" ? 0.3 : 1;
const mix = ["search", "search", "search", "search", "cart", "cart", "cart", "orders", "orders"];
const tenants = ["de", "de", "de", "fr", "fr", "jp", "us"];
const waitMaxMs = 10_000;

export interface Recording {
  readonly spans: readonly Span[];
  readonly lines: readonly Line[];
}

/** Numbers in 0..1 that repeat with the seed (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Answer {
  readonly durationMs: number;
  readonly error: string | null;
}

/** One request on its way through the shop. */
interface Journey {
  readonly trace: string;
  readonly kind: string;
  readonly tenant: string;
  readonly minute: number;
  readonly fault: Fault;
  readonly chance: () => number;
  readonly made: { readonly spans: Span[]; readonly lines: Line[] };
  /** Spans made so far, for their ids. */
  count: number;
}

const perMinute = 90;
const mailShare = 0.15;

/** Plays all requests from one minute to another, `perMinute` of them at usual load. */
export function play(fault: Fault, from: number, to: number, seed: number): Recording {
  const chance = chanceOf(seed);
  const made = { spans: [] as Span[], lines: [...(fault.lines ?? [])] };
  let count = 0;
  const begin = (kind: string, minute: number): Journey => {
    const trace = "a1b2".repeat(4) + (++count).toString(16).padStart(16, "0");
    const tenant = tenants[Math.floor(chance() * tenants.length)] as string;
    return { trace, kind, tenant, minute, fault, chance, made, count: 0 };
  };
  for (let minute = from; minute < to; minute += 1 / 60) {
    for (const kind of mix) {
      let due = (perMinute / 60 / mix.length) * (fault.load?.(minute, kind) ?? 1);
      for (; due > 0; due--)
        if (chance() < due)
          serve(begin(kind, minute), "web", null, minute * 60_000 + chance() * 1000);
    }
    if (chance() < mailShare) serve(begin("mail", minute), "mailer", null, minute * 60_000);
  }
  return made;
}

function serve(journey: Journey, service: string, parent: string | null, startMs: number): Answer {
  const { fault, chance, kind, tenant, minute } = journey;
  const part = parts[service] as Part;
  const asked = { service, tenant, minute, chance };
  const slow = fault.slow?.(asked);
  const spread = Math.exp(0.35 * (chance() + chance() + chance() - 1.5));
  let durationMs = part.ownMs * spread * (slow?.times ?? 1) + (slow?.addMs ?? 0);
  const own = fault.fails?.(asked) ?? (chance() < 0.001 ? "unexpected end of input" : null);
  let error = own;
  const id = newId(journey);
  const callees = part.calls.filter((name) => service !== "gateway" || name === kind);
  for (const callee of own === null ? callees : []) {
    const times = fault.calls?.(service, callee, minute) ?? usualCalls(service, callee);
    for (let left = times; left > 0 && error === null; left--) {
      if (chance() >= left) continue;
      const answer = call(journey, service, callee, id, startMs + durationMs);
      durationMs += answer.durationMs;
      error = answer.error && `call to ${callee} failed: ${answer.error}`;
    }
  }
  if (!part.isStore) {
    const name = operations[kind] ?? "consume order-events";
    const attributes = { "http.status_code": error ? 500 : 200, tenant };
    const span = { id, parent, service, name, kind: "server" as const, attributes };
    add(journey, { ...span, startMs, durationMs, error });
    log(journey, service, name, durationMs, error, own !== null);
  }
  return { durationMs, error: part.isStore ? own : error && "500 Internal Server Error" };
}

function call(
  journey: Journey,
  caller: string,
  callee: string,
  parent: string,
  startMs: number,
): Answer {
  const id = newId(journey);
  const cut = journey.fault.cut?.(caller, callee, journey.minute);
  const answer = cut
    ? { error: cut[0], durationMs: cut[1] }
    : serve(journey, callee, id, startMs + 0.5);
  const durationMs = Math.min(waitMaxMs, answer.durationMs + 1);
  const error = answer.durationMs > waitMaxMs ? "deadline exceeded" : answer.error;
  const name = parts[callee]?.isStore ? `${callee} query` : `call ${callee}`;
  const attributes = { "peer.service": callee };
  const span = { id, parent, service: caller, name, kind: "client" as const, attributes };
  add(journey, { ...span, startMs, durationMs, error });
  return { durationMs, error };
}

function newId(journey: Journey): string {
  return `${journey.trace.slice(-12)}${(++journey.count).toString(16).padStart(4, "0")}`;
}

function add({ trace, made }: Journey, span: Omit<Span, "trace">): void {
  made.spans.push({ trace, ...span });
}

function log(
  { minute, trace, tenant, made }: Journey,
  service: string,
  name: string,
  ms: number,
  error: string | null,
  isOwn: boolean,
): void {
  const body = error
    ? isOwn
      ? error
      : `${name} failed: ${error}`
    : `${name} done status=200 took=${ms.toFixed(0)}ms tenant=${tenant}`;
  made.lines.push({ minute, service, trace, severity: error ? "ERROR" : "INFO", body });
}
