import type { Alarm } from "./alarm.ts";
import type { Incident } from "./incident.ts";
import type { NewJob } from "./job.ts";
import type { EpochMs } from "./window.ts";

/** One alarm as a sender delivered it. */
export interface Arrival {
  /** The sender's own id of this delivery: a repeated delivery is recorded once. */
  readonly delivery: string;
  readonly alarm: Alarm;
}

/** An arrival in the intake log. `number` grows; it is the receipt. */
export interface AcceptedAlarm extends Arrival {
  readonly number: number;
  readonly receivedAt: EpochMs;
}

export interface Receipt {
  readonly kind: "accepted" | "duplicate";
  readonly number: number;
}

/** What became of an accepted alarm. `pending` until grouping has looked at it. */
export type Disposition =
  | "pending"
  /** Waits in a group that has not become an incident yet. */
  | "gathered"
  | "joined"
  | "repeated"
  | "flapping"
  | "muted"
  | "resolved"
  | "shadow"
  /** Its group ended without reaching the number of alarms that makes an incident. */
  | "lapsed"
  /** Erased on request; the number stays, so that the count still adds up. */
  | "erased";

export interface Settlement {
  readonly number: number;
  readonly disposition: Exclude<Disposition, "pending" | "erased">;
  readonly group: string | null;
  readonly incident: string | null;
  readonly reasons: readonly string[];
}

/** What grouping remembers of a group of alarms; `body` is its own affair. */
export interface GroupRecord {
  readonly id: string;
  readonly incident: string | null;
  readonly state: "gathering" | "open" | "closed";
  readonly updatedAt: EpochMs;
  readonly body: unknown;
}

/** An alarm that joins an incident that exists. */
export interface Join {
  readonly incident: string;
  readonly alarm: Alarm;
  readonly count: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly reasons: readonly string[];
}

/** One round of grouping, written whole or not at all. */
export interface GroupingRound {
  readonly settlements: readonly Settlement[];
  readonly groups: readonly GroupRecord[];
  readonly opened: readonly Incident[];
  readonly joins: readonly Join[];
  readonly jobs: readonly NewJob[];
  /** Incidents whose alarms are all over. */
  readonly resolved: readonly { readonly incident: string; readonly at: EpochMs }[];
  /** Incidents that turned out to be part of another; alarms move, the record stays. */
  readonly merged: readonly { readonly incident: string; readonly into: string }[];
  /** Alarms that a person has taken out of an incident. */
  readonly parted: readonly {
    readonly incident: string;
    readonly fingerprints: readonly string[];
  }[];
  /** Alarms of these groups that still wait get this disposition. */
  readonly release: readonly {
    readonly group: string;
    readonly disposition: "joined" | "lapsed" | "shadow";
    readonly incident: string | null;
  }[];
  /** Alarms in the log that now count for another group and incident. */
  readonly moved: readonly {
    readonly from: string;
    readonly to: string;
    readonly incident: string | null;
    /** Only alarms with these fingerprints; null means all. */
    readonly fingerprints: readonly string[] | null;
  }[];
}

/** A round that is still being put together. */
export type RoundDraft = { -readonly [K in keyof GroupingRound]: GroupingRound[K][number][] };

/** A round in which nothing happens, to be filled. */
export function emptyRound(): RoundDraft {
  return {
    settlements: [],
    groups: [],
    opened: [],
    joins: [],
    jobs: [],
    resolved: [],
    merged: [],
    parted: [],
    release: [],
    moved: [],
  };
}

/** A message that was refused, kept for a person to look at. */
export interface Quarantined {
  readonly at: EpochMs;
  readonly sender: string;
  /** One sentence of ours. */
  readonly reason: string;
  /** Size of the whole message; `body` may be cut. */
  readonly bytes: number;
  readonly body: string;
}

export interface AlarmStore {
  /** Durable when it returns; arrivals of one call share one write. */
  accept(arrivals: readonly Arrival[]): Promise<readonly Receipt[]>;
  /** Accepted alarms that grouping has not looked at, oldest first. */
  pending(limit: number): Promise<readonly AcceptedAlarm[]>;
  /** Groups that are not closed. */
  groups(): Promise<readonly GroupRecord[]>;
  /** Refused (false) when `owner` no longer holds the lease `grouping`; nothing is written then. */
  commit(owner: string, round: GroupingRound): Promise<boolean>;
  /** Log of one incident or group, newest last. */
  of(
    where: { incident: string } | { group: string },
    limit: number,
  ): Promise<readonly (AcceptedAlarm & Settlement)[]>;
  /** Every accepted alarm has exactly one disposition, so these add up to what was accepted. */
  counts(): Promise<Readonly<Record<Disposition, number>>>;
  quarantine(entry: Quarantined): Promise<void>;
  quarantined(limit: number): Promise<{ total: number; newest: readonly Quarantined[] }>;
}
