import type { AuthInfo } from "@modelcontextprotocol/server";
import type { Incident } from "../core/incident.ts";
import { hasRole, type Principal, type Role } from "../core/principal.ts";

/** What a token may do: look, put investigations to work, see everyone's and steer. */
export const scopes = ["read", "investigate", "admin"] as const;
export type Scope = (typeof scopes)[number];

const roleOf: Readonly<Record<Scope, Role>> = {
  read: "viewer",
  investigate: "responder",
  admin: "admin",
};

/** Whoever started this process over stdio: it is their machine and their data. */
export const stdioCaller: Principal = { id: "local", name: "local", role: "admin", door: "mcp" };

/** True for one of ours; scopes of other systems are ignored. */
export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

/**
 * The principal with the highest of `granted`; without any of ours it may do nothing, hence null.
 */
export function callerWith(id: string, name: string, granted: readonly string[]): Principal | null {
  const highest = granted.filter(isScope).sort((a, b) => scopes.indexOf(b) - scopes.indexOf(a))[0];
  return highest ? { id, name, role: roleOf[highest], door: "mcp" } : null;
}

/** The caller that the HTTP gate established, or the owner of the stdio process. */
export function callerOf(authInfo: AuthInfo | undefined): Principal {
  if (!authInfo) return stdioCaller;
  const caller = callerWith(authInfo.clientId, authInfo.clientId, authInfo.scopes);
  return caller ?? { id: authInfo.clientId, name: authInfo.clientId, role: "viewer", door: "mcp" };
}

/**
 * Incidents that came in by alarm, Slack or terminal belong to the team. One that an MCP caller
 * opened is theirs: an id that leaks is of no use to another caller, who gets "not found".
 */
export function maySee(caller: Principal, incident: Incident): boolean {
  if (incident.openedBy.door !== "mcp" || hasRole(caller, "admin")) return true;
  return incident.openedBy.id === caller.id;
}
