import { coreName } from "./service-names.ts";
import { publicHost } from "./terms.ts";

/** Things that look like names and are none: files, packages, code. */
const notHost = /^(?:[\w-]+\.)?(?:go|java|net|org|com)\.[a-z]+$|exception|\.py$|\.ts$/i;
/** Namespaces of code start at the top-level word: `com.example.Thing`, `io.netty.…`. */
const namespaceStart = /^(?:com|org|io|net|dev|java|javax)\./i;

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
