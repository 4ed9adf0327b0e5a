/**
 * Who may do what, lowest first: viewer reads, responder asks and acknowledges, approver approves.
 */
export const roles = ["viewer", "responder", "approver", "admin"] as const;
export type Role = (typeof roles)[number];

/** Whoever stands behind a request, as the face that took it in has established. */
export interface Principal {
  /** Stable within its door: a Slack user id, a token's name, `local`. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly door: "slack" | "mcp" | "http" | "cli" | "alarm";
}

/** True when `principal` has `role` or more. */
export function hasRole(principal: Principal, role: Role): boolean {
  return roles.indexOf(principal.role) >= roles.indexOf(role);
}

/** The person at the terminal, and alarms that start work by themselves. */
export const localPrincipal: Principal = { id: "local", name: "local", role: "admin", door: "cli" };
