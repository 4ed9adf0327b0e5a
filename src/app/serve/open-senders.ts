import { rootCertificates } from "node:tls";
import type { Config } from "../../config.ts";
import type { Clock } from "../../core/clock.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Sender, SenderTools } from "../../intake/sender.ts";
import { senderDefinitions } from "../../intake/senders/index.ts";
import { fetchBytes } from "../../platform/fetch-bytes.ts";

/** Opens every sender of `alarms:`; all faults in their settings at once. */
export function openSenders(config: Config, clock: Clock): readonly Sender[] {
  const tools: SenderTools = {
    clock,
    secret: secretOf(config),
    fetchBytes,
    trustedRoots: rootCertificates,
  };
  const faults: string[] = [];
  const senders = config.alarms.flatMap((entry, i) => {
    const definition = senderDefinitions.find((item) => item.kind === entry.kind);
    if (!definition) {
      const kinds = senderDefinitions.map((item) => item.kind).join(", ");
      faults.push(`  alarms.${i}.kind: "${entry.kind}" is not known; use one of: ${kinds}`);
      return [];
    }
    const settings = definition.settings.safeParse(entry);
    if (settings.success) return [definition.open(settings.data, tools)];
    for (const issue of settings.error.issues) {
      const key = issue.path.map(String).join(".");
      faults.push(`  alarms.${i}${key ? `.${key}` : ""} (${entry.kind}): ${issue.message}`);
    }
    return [];
  });
  const paths = senders.flatMap((sender) => sender.path ?? []);
  for (const path of new Set(paths.filter((item, i) => paths.indexOf(item) !== i))) {
    faults.push(`  alarms: two senders have the path "${path}"; give each its own name`);
  }
  if (faults.length > 0) throw new ConfigError(`The senders have faults:\n${faults.join("\n")}`);
  return senders;
}

/**
 * Secrets by the names that settings give; loading the configuration has checked that they are set.
 */
export function secretOf(config: Config): (variable: string) => string {
  return (variable) => {
    const value = config.secrets.named[variable];
    if (value === undefined) throw new ConfigError(`environment: ${variable} is not set`);
    return value;
  };
}
