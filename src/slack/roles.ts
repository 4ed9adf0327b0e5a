import type { Clock } from "../core/clock.ts";
import { hasRole, type Principal, type Role, roles } from "../core/principal.ts";
import type { SlackSettings } from "../core/slack-settings.ts";
import type { AuditLog } from "../core/store.ts";
import type { PermissionName, Words } from "./messages/words.ts";

/** Least role for each thing a person may do; a runbook action names its own. */
const needs: Readonly<Record<PermissionName, Role>> = {
  view: "viewer",
  investigate: "responder",
  ask: "responder",
  stop: "responder",
  acknowledge: "responder",
  priority: "responder",
  feedback: "viewer",
  runbook: "approver",
};

/** A person as an event names them. */
export interface SlackPerson {
  readonly user: string;
  /** From another organisation, through a shared channel. */
  readonly isExternal: boolean;
}

export type Permit =
  | { readonly kind: "allowed"; readonly principal: Principal }
  | { readonly kind: "denied"; readonly message: string };

/** How group members and names are looked up. Throwing means unknown, and unknown is closed. */
export interface Directory {
  groupMembers(group: string): Promise<readonly string[]>;
  nameOf(user: string): Promise<string>;
}

interface Membership {
  readonly at: number;
  readonly members: ReadonlySet<string>;
}

type FoundRole =
  | { readonly kind: "known"; readonly role: Role | null }
  | { readonly kind: "unknown" };

const groupTtlMs = 300_000;

/**
 * Decides on the server, at every action, who may do what. A role whose list is empty is held by
 * nobody; a group that cannot be read closes the door and says so. Every decision is audited.
 */
export class Roles {
  readonly #settings: SlackSettings;
  readonly #directory: Directory;
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #groups = new Map<string, Membership>();

  constructor(options: {
    settings: SlackSettings;
    directory: Directory;
    audit: AuditLog;
    clock: Clock;
  }) {
    this.#settings = options.settings;
    this.#directory = options.directory;
    this.#audit = options.audit;
    this.#clock = options.clock;
  }

  /** `atLeast` is the role a runbook action asks for. */
  async permit(
    person: SlackPerson,
    permission: PermissionName,
    context: { readonly incident: string | null; readonly words: Words; readonly atLeast?: Role },
  ): Promise<Permit> {
    const needed = context.atLeast ?? needs[permission];
    const found = await this.#roleOf(person);
    const role = found.kind === "known" ? found.role : null;
    const isAllowed = role !== null && hasRole({ id: "", name: "", role, door: "slack" }, needed);
    await this.#audit.append({
      at: this.#clock.now(),
      event: "slack-authorize",
      by: person.user,
      incident: context.incident,
      detail: {
        permission,
        needed,
        role,
        verdict: isAllowed ? "allowed" : "denied",
        why: found.kind === "unknown" ? "group could not be read" : null,
        external: person.isExternal,
      },
    });
    if (isAllowed) {
      const name = await this.#directory.nameOf(person.user);
      return { kind: "allowed", principal: { id: person.user, name, role, door: "slack" } };
    }
    return {
      kind: "denied",
      message: this.#denial(person, found, permission, needed, context.words),
    };
  }

  /** The person's role for display; null when they have none or it cannot be read. */
  async roleOf(person: SlackPerson): Promise<Role | null> {
    const found = await this.#roleOf(person);
    return found.kind === "known" ? found.role : null;
  }

  #denial(
    person: SlackPerson,
    found: FoundRole,
    permission: PermissionName,
    needed: Role,
    words: Words,
  ): string {
    const action = words.did[permission];
    if (found.kind === "unknown") return words.cannotCheck(action);
    if (person.isExternal) return words.external;
    const isEmpty = roles.slice(roles.indexOf(needed)).every((role) => this.#isEmpty(role));
    return isEmpty ? words.notAllowedEmpty(action) : words.notAllowed(action, words.role[needed]);
  }

  #isEmpty(role: Role): boolean {
    const list = this.#settings.roles[role];
    return list.users.length === 0 && list.groups.length === 0 && !list.everyone;
  }

  /** Highest role whose list names the person. Outsiders must be named themselves. */
  async #roleOf(person: SlackPerson): Promise<FoundRole> {
    let isUnsure = false;
    for (const role of [...roles].reverse()) {
      const list = this.#settings.roles[role];
      if (list.users.includes(person.user)) return { kind: "known", role };
      if (person.isExternal) continue;
      for (const group of list.groups) {
        const members = await this.#members(group);
        if (members === null) isUnsure = true;
        else if (members.has(person.user)) return { kind: "known", role };
      }
      if (list.everyone) return { kind: "known", role };
    }
    return isUnsure ? { kind: "unknown" } : { kind: "known", role: null };
  }

  async #members(group: string): Promise<ReadonlySet<string> | null> {
    const now = this.#clock.now();
    const known = this.#groups.get(group);
    if (known && now - known.at < groupTtlMs) return known.members;
    try {
      const members = new Set(await this.#directory.groupMembers(group));
      this.#groups.set(group, { at: now, members });
      return members;
    } catch {
      return null;
    }
  }
}
