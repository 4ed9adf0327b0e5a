import type { Probe } from "../core/source.ts";
import { sourceDefinitions } from "../sources/index.ts";

/** A source that was looked at: its kind, where that is known, and what its probe saw. */
export interface Probed {
  readonly kind: string | undefined;
  readonly probe: Probe | undefined;
}

/**
 * One statement for all AWS sources that were refused something: every right they need but those
 * that were seen to be granted, since what comes after a refusal could not be tried.
 */
export function missingRights(probed: readonly Probed[]): string[] {
  const granted = new Set(probed.flatMap(({ probe }) => probe?.rights?.granted ?? []));
  const refused = new Set(probed.flatMap(({ probe }) => probe?.rights?.refused ?? []));
  if (refused.size === 0) return [];
  const needed = probed.flatMap(({ kind, probe }) => {
    const definition = probe?.rights && sourceDefinitions.find((each) => each.kind === kind);
    return definition?.permissions.filter((each) => /^[a-z0-9-]+:\w+$/.test(each)) ?? [];
  });
  const Action = [...new Set([...refused, ...needed])]
    .filter((action) => refused.has(action) || !granted.has(action))
    .sort();
  return [
    `missing rights: ${[...refused].sort().join(", ")}`,
    "  add this statement to the policy; it also has what could not be tried after a refusal:",
    `  ${JSON.stringify({ Effect: "Allow", Action, Resource: "*" })}`,
  ];
}
