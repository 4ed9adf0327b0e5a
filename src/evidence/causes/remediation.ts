import type { ActionKind, CauseKind } from "../../core/hypothesis.ts";
import type { ChangeCandidate } from "../changes/correlation.ts";
import type { ChangeUnit } from "../changes/units.ts";

/** What to do about a cause, and one sentence why this and not the obvious other thing. */
export interface Remedy {
  readonly kind: ActionKind;
  readonly because: string;
}

export interface RemedyInput {
  readonly causeKind: CauseKind;
  /** The guilty change, when there is one. */
  readonly guilty: ChangeCandidate | null;
  /** All changes: one that depends on the guilty one bars the way back. */
  readonly changes: readonly ChangeCandidate[];
  /** cpu, memory, disk, …: the resource that runs short, when one does. */
  readonly resource: string | null;
  /** Texts of the incident: they may name a second provider. */
  readonly texts: readonly string[];
  /** The service began a job of its own right when it ran short. */
  readonly isOwnWork: boolean;
}

/**
 * From cause to action. A guilty change is undone by its own kind, unless the way back is barred.
 */
export function remedyFor(input: RemedyInput): Remedy {
  if (input.guilty) return undo(input.guilty, input.changes);
  return operational(input);
}

function undo(guilty: ChangeCandidate, changes: readonly ChangeCandidate[]): Remedy {
  const { unit } = guilty;
  if (unit.kind === "flag") {
    return { kind: "feature-flag-disable", because: "turning the flag off takes effect at once" };
  }
  if (unit.kind === "config" || isConfigOnly(unit)) {
    return { kind: "config-revert", because: "only configuration changed; the code may stay" };
  }
  if (needsMissing(guilty)) {
    return {
      kind: "roll-forward",
      because: "the code needs something that is not there yet; adding it is the fix",
    };
  }
  const barrier = changes.find((other) => isBarrier(other.unit, guilty));
  if (barrier) {
    return {
      kind: "roll-forward",
      because: `${barrier.ref} migrated data or schema afterwards, so going back is unsafe`,
    };
  }
  return { kind: "rollback", because: "the previous version did not show this" };
}

const configFile = /\.(ya?ml|json|toml|ini|env|conf|cfg|properties|tfvars|hcl)$|(^|\/)config\//i;

function isConfigOnly(unit: ChangeUnit): boolean {
  return unit.files.length > 0 && unit.files.every((file) => configFile.test(file));
}

/** It adds a use of something that failures say does not exist: a table, a key, a route. */
function needsMissing(guilty: ChangeCandidate): boolean {
  if (guilty.trait?.kind === "new-table") return true;
  return guilty.words.some(
    (word) =>
      word.side === "come" &&
      word.isCompound &&
      /does not exist|no such (table|column|key|bucket|topic|queue)|undefined column|relation/i.test(
        word.symptom.text,
      ),
  );
}

/** A migration on the same service, after the guilty change. */
function isBarrier(unit: ChangeUnit, guilty: ChangeCandidate): boolean {
  if (unit.ref === guilty.ref || unit.service !== guilty.service) return false;
  const at = unit.carriers[0]?.at;
  if (at === undefined || at < guilty.change.timestamp) return false;
  return (
    unit.files.some((file) => /migrations?\/|\.sql$|schema/i.test(file)) ||
    unit.traits.some((trait) => trait.kind === "schema-changed")
  );
}

const secondProvider = /fail(ing)?[ -]?over|secondary|standby|fallback|backup provider|replica/i;

function operational({ causeKind, resource, texts, isOwnWork }: RemedyInput): Remedy {
  const says = (pattern: RegExp) => texts.some((text) => pattern.test(text));
  switch (causeKind) {
    case "demand-surge":
      return { kind: "scale", because: "demand is real; capacity has to follow" };
    case "expiry":
      return { kind: "rotate-cert", because: "what expired has to be renewed" };
    case "bad-data":
      return { kind: "purge-bad-data", because: "the record fails every time it is tried" };
    case "external-provider":
      return says(secondProvider)
        ? { kind: "failover", because: "a second way exists" }
        : { kind: "escalate-upstream", because: "the fault is theirs, and no second way is seen" };
    case "network":
      return { kind: "escalate-upstream", because: "the network underneath has to be repaired" };
    case "throttling":
      return { kind: "escalate-upstream", because: "the quota has to be raised by its owner" };
    case "node":
      return { kind: "reschedule", because: "other machines are healthy" };
    case "leak":
      return { kind: "restart", because: "a restart gives the memory back until a fix is there" };
    case "nothing-wrong":
      return { kind: "monitor", because: "nothing is wrong" };
    case "saturation":
      if (isOwnWork) {
        return { kind: "reschedule", because: "work of its own eats the machine at a busy time" };
      }
      if (resource === "memory") {
        return { kind: "restart", because: "a restart gives the memory back" };
      }
      return { kind: "scale", because: "the resource is too small for its load" };
    case "crash":
      return { kind: "restart", because: "no change explains the crash" };
    default:
      return { kind: "monitor", because: "the cause is not known well enough to act on it" };
  }
}
