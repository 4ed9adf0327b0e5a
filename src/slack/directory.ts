import type { Clock } from "../core/clock.ts";
import { plain } from "./blocks/foreign-text.ts";
import { asJson } from "./blocks/shape-checks.ts";
import type { SlackApi } from "./parts.ts";
import type { Directory } from "./roles.ts";

const nameTtlMs = 3_600_000;
const namesMax = 2_000;

/** Group members and names, asked of Slack. */
export function slackDirectory(api: SlackApi, clock: Clock): Directory {
  const names = new Map<string, { name: string; at: number }>();
  return {
    async groupMembers(group) {
      const answer = await api.call("usergroups.users.list", { usergroup: group });
      return Array.isArray(answer.users) ? answer.users.map(String) : [];
    },
    /** The id itself when Slack does not answer: a name is a courtesy. */
    async nameOf(user) {
      const known = names.get(user);
      if (known && clock.now() - known.at < nameTtlMs) return known.name;
      try {
        const found = asJson((await api.call("users.info", { user })).user);
        const name = plain(String(found.real_name ?? found.name ?? user), 80) || user;
        if (names.size >= namesMax) names.clear();
        names.set(user, { name, at: clock.now() });
        return name;
      } catch {
        return user;
      }
    },
  };
}
