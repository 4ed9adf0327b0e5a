import type { ServiceAccount } from "./first-failing.ts";
import type { Unreachable } from "./unreachable.ts";

/**
 * Suspicion of callers, moved to those whom they could not reach by the share of lines that say so.
 */
export function handDownSuspicion(
  suspicion: ReadonlyMap<string, number>,
  unreachable: ReadonlyMap<string, Unreachable>,
): ReadonlyMap<string, number> {
  const moved = new Map(suspicion);
  for (const [service, { by }] of unreachable) {
    for (const [caller, share] of by) {
      const held = suspicion.get(caller) ?? 0;
      moved.set(caller, Math.max(0, (moved.get(caller) ?? 0) - share * held));
      moved.set(service, Math.max(moved.get(service) ?? 0, share * held));
    }
  }
  return moved;
}

/**
 * Failures that begin in a call to a service that cannot be reached begin there, or on the way: the
 * caller merely is the first that could record them.
 */
export function handDown(
  accounts: readonly ServiceAccount[],
  unreachable: ReadonlyMap<string, Unreachable>,
): readonly ServiceAccount[] {
  if (unreachable.size === 0) return accounts;
  const origins = new Map(accounts.map((account) => [account.service, account.origins]));
  return accounts.map((account) => {
    const passed = [...unreachable.values()].map(({ by }) => by.get(account.service) ?? 0);
    const kept =
      1 -
      Math.min(
        1,
        passed.reduce((sum, share) => sum + share, 0),
      );
    const lost = unreachable.get(account.service);
    const inherited = [...(lost?.by ?? [])].map(
      ([from, share]) => share * (origins.get(from) ?? 0),
    );
    return {
      ...account,
      origins: account.origins * kept + inherited.reduce((sum, share) => sum + share, 0),
      isFailing: account.isFailing || lost !== undefined,
      since: Number.isFinite(account.since) ? account.since : (lost?.since ?? Number.NaN),
    };
  });
}
