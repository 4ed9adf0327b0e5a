import type { Observations } from "../../core/rows.ts";
import { coreName, reportingServices } from "./service-names.ts";
import { publicHost } from "./terms.ts";

/** Things that look like names and are none: files, packages, code. */
const notHost = /^(?:[\w-]+\.)?(?:go|java|net|org|com)\.[a-z]+$|exception|\.py$|\.ts$/i;
/** Namespaces of code start at the top-level word: `com.example.Thing`, `io.netty.…`. */
const namespaceStart = /^(?:com|org|io|net|dev|java|javax)\./i;

/** A map says so where it leads out: a service of ours may report nothing because it is down. */
const outsideKinds = /external|outside|third|partner|provider|vendor|saas|internet|remote/i;
const ownNames =
  /postgres|mysql|maria|redis|mongo|kafka|rabbit|sqs|dynamo|elastic|memcache|cassandra|database|localhost|^\d+\.\d+\./i;
const peerKey = /peer\.service|server\.address|net\.peer\.name|http\.host/i;

/** Parties that are called and report nothing themselves, as topology and spans name them. */
export function outsideParties(observations: Observations): readonly string[] {
  const inside = observations.topology.flatMap(({ from, to, kind }) =>
    outsideKinds.test(kind) ? [from] : [from, to],
  );
  const reporting = [...reportingServices(observations), ...inside].map(coreName);
  const names = new Set<string>();
  // `ShopCart` and `cart` are one: companies put their own name before those of their services.
  const isOurs = (core: string) =>
    reporting.some((own) => own === core || (core.length >= 4 && own.endsWith(core)));
  const add = (name: string) => {
    if (!isOurs(coreName(name)) && !ownNames.test(name) && name.length >= 3) names.add(name);
  };
  for (const edge of observations.topology) if (outsideKinds.test(edge.kind)) add(edge.to);
  for (const { key, value } of observations.attributes) if (peerKey.test(key)) add(value);
  return [...names].sort();
}

/** Hosts named in a text that are not part of the system. */
export function outsideHosts(text: string, services: readonly string[]): string[] {
  const hosts = text.match(publicHost) ?? [];
  const cores = new Set(services.map(coreName));
  return [...new Set(hosts.map((host) => host.toLowerCase()))].filter((host) => {
    if (notHost.test(host) || namespaceStart.test(host)) return false;
    const [first = ""] = host.split(".");
    return !cores.has(coreName(first)) && !services.includes(first);
  });
}
