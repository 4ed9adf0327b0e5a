import { asJson, type Json } from "../blocks/shape-checks.ts";
import type { Parts } from "../parts.ts";
import type { SlackPerson } from "../roles.ts";

/** Who did this, and whether they are from another organisation (Slack Connect). */
export function personOf(parts: Parts, user: string, body: Json): SlackPerson {
  const event = asJson(body.event);
  const teams = [
    event.user_team,
    event.source_team,
    asJson(body.user).team_id,
    body.user_team,
  ].filter((team) => typeof team === "string");
  return { user, isExternal: teams.some((team) => team !== parts.self().team) };
}

/**
 * Whom a stream may be addressed to: a person of this workspace, in a channel that is ours alone.
 * Everything else takes the path that needs no recipient.
 */
export function recipientOf(
  parts: Parts,
  person: SlackPerson,
  body: Json,
): { user: string; team: string } | null {
  const isShared = body.is_ext_shared_channel === true;
  if (isShared || person.isExternal || !/^[UW][A-Z0-9]+$/.test(person.user)) return null;
  return { user: person.user, team: parts.self().team };
}
