import type { Observations } from "../../core/rows.ts";
import { partsOf } from "./terms.ts";

/** Every service that telemetry knows, sorted. */
export function knownServices(observations: Observations): readonly string[] {
  const names = new Set<string>();
  const add = (name: string | null) => {
    if (name) names.add(name);
  };
  for (const series of observations.series) add(series.service);
  for (const pattern of observations.logPatterns) add(pattern.service);
  for (const operation of observations.operations) add(operation.service);
  for (const edge of observations.edges) {
    add(edge.caller);
    add(edge.callee);
  }
  for (const edge of observations.topology) {
    add(edge.from);
    add(edge.to);
  }
  for (const change of observations.changes) add(change.service);
  return [...names].sort();
}

/** Services that report something themselves; what is only called may lie outside the system. */
export function reportingServices(observations: Observations): readonly string[] {
  const names = new Set<string>();
  for (const series of observations.series) names.add(series.service);
  for (const pattern of observations.logPatterns) names.add(pattern.service);
  for (const operation of observations.operations) names.add(operation.service);
  return [...names].sort();
}

/** Reverse host names, as namespaces of code: `com.example.orders`. */
const reversedHost = /^(?:com|org|io|net|dev|java)\.[\w.-]+$/i;
/** Names of hosts inside a cluster or a company: `orders.shop.svc.cluster.local`. */
const innerHost = /^[\w-]+(?:\.[\w-]+)*\.(?:svc|local|internal|intern|lan|cluster|consul)(?:\.|$)/i;

/** A service without the namespace that telemetry puts around it: `prod/orders` as `orders`. */
export function plainName(service: string): string {
  const last = service.split(/[/:]/).findLast((part) => part !== "") ?? service;
  if (innerHost.test(last)) return last.split(".", 1)[0] ?? last;
  return reversedHost.test(last) ? (last.split(".").at(-1) ?? last) : last;
}

/** `orderservice`, `order-svc`, `prod/OrderService` as `order`: the part that names it. */
export function coreName(service: string): string {
  const parts = partsOf(plainName(service)).filter(
    (part) => !/^(service|svc|server|app|api)$/.test(part),
  );
  const joined = parts.join("");
  const short = joined.replace(/(service|svc|server)$/, "");
  return short.length >= 2 ? short : joined || service.toLowerCase();
}

/** The service whose name is a folder of the path; the longest name wins. */
export function serviceOfPath(path: string, services: readonly string[]): string | null {
  const folders = path.split("/").map((folder) => folder.toLowerCase());
  const exact = services.find((service) => folders.includes(service.toLowerCase()));
  if (exact) return exact;
  const cores = folders.slice(0, -1).map((folder) => coreName(folder));
  const found = services.filter((service) => cores.includes(coreName(service)));
  return longest(found);
}

/** The service that a text names, `fix(order): …` and `order-svc is slow` alike. */
export function serviceOfText(text: string, services: readonly string[]): string | null {
  const named = services.filter((service) => namesService(text, service));
  if (named.length > 0) return longest(named);
  const scope = /^[#\w]*\(([\w./-]+)\)|^#(\w[\w-]*)/.exec(text);
  const word = coreName(scope?.[1] ?? scope?.[2] ?? "");
  if (word.length < 3) return null;
  return longest(
    services.filter((service) => coreName(service) === word || coreName(service).startsWith(word)),
  );
}

/** True when the text holds the service's name, with or without namespace, as a word of its own. */
export function namesService(text: string, service: string): boolean {
  const plain = plainName(service);
  return holdsWord(text, service) || (plain !== service && holdsWord(text, plain));
}

function holdsWord(text: string, word: string): boolean {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, "i").test(text);
}

function longest(names: readonly string[]): string | null {
  return [...names].sort((a, b) => b.length - a.length || a.localeCompare(b))[0] ?? null;
}
