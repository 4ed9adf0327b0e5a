import type { Incident } from "../../core/incident.ts";
import { asJson } from "../blocks/shape-checks.ts";
import { languageIn, type Parts } from "../parts.ts";
import type { SlackPerson } from "../roles.ts";
import { permalink } from "../start-case.ts";
import { type HomeIncident, homeView, mostUrgentFirst } from "../views/home.ts";
import { prompts } from "../views/notes.ts";
import type { Listener } from "./listener.ts";
import { personOf } from "./who-asked.ts";

/** S8 and S10: the home tab with open incidents, and prompts in the messages tab. */
export const home: Listener = {
  name: "home",
  needs: {
    events: ["app_home_opened", "app_context_changed"],
    scopes: ["assistant:write", "usergroups:read"],
  },
  register(app, parts) {
    app.event("app_home_opened", async ({ event, body }) => {
      const { user, channel, tab } = event;
      const person = personOf(parts, user, asJson(body));
      if (tab === "messages") await offerPrompts(parts, channel, asJson(event.context));
      else await parts.work.run("home", () => publishHome(parts, person, null));
    });
    app.event("app_context_changed", async ({ event }) => {
      const sent = asJson(event);
      const channel = sent.channel ?? sent.channel_id;
      if (typeof channel === "string") await offerPrompts(parts, channel, asJson(sent.context));
    });
  },
};

/** Prompts speak of the incident when the reader is looking at its channel. */
async function offerPrompts(
  parts: Parts,
  channel: string,
  context: Readonly<Record<string, unknown>>,
): Promise<void> {
  const seen = context.channel_id ?? asJson(context.entity).id;
  const isAlarmChannel = typeof seen === "string" && seen === parts.settings.alarmChannel;
  try {
    await parts.api.call("assistant.threads.setSuggestedPrompts", {
      channel_id: channel,
      prompts: prompts(languageIn(parts, channel), isAlarmChannel),
    });
  } catch (error) {
    parts.logger.warn("slack-prompts-failed", { error: String(error) });
  }
}

/** Publishes the home tab; people without a role see how to get one, and no incidents. */
export async function publishHome(
  parts: Parts,
  person: SlackPerson,
  limit: number | null,
): Promise<void> {
  const role = await parts.roles.roleOf(person);
  const all =
    role === null
      ? []
      : await parts.analyst.incidents({
          states: ["queued", "investigating", "reported", "failed", "cancelled", "resolved"],
          limit: limit ?? 40,
        });
  const isOpen = (one: Incident) =>
    one.resolvedAt === null && one.mergedInto === null && one.conclusion !== "no-incident";
  const open = all.filter(isOpen);
  const reported = all.filter((one) => one.conclusion !== null);
  const recent = reported.filter((one) => !isOpen(one));
  const view = homeView({
    open: await withLinks(parts, mostUrgentFirst(open).slice(0, 15)),
    recent: await withLinks(parts, recent.slice(0, 8)),
    role,
    feedback: await feedbackRate(parts, reported),
    language: languageIn(parts, ""),
  });
  await parts.api.call("views.publish", { user_id: person.user, view });
}

async function withLinks(parts: Parts, incidents: readonly Incident[]): Promise<HomeIncident[]> {
  return Promise.all(
    incidents.map(async (incident) => {
      const record = await parts.cases.get(incident.id);
      const link = record ? await permalink(parts, record.channel, record.thread) : null;
      return { incident, link };
    }),
  );
}

async function feedbackRate(parts: Parts, incidents: readonly Incident[]) {
  const store = parts.feedback;
  if (!store) return null;
  const all = (await Promise.all(incidents.map((one) => store.list(one.id)))).flat();
  const last = new Map(all.map((one) => [`${one.incident}:${one.by.id}`, one.verdict]));
  const good = [...last.values()].filter((verdict) => verdict === "helpful").length;
  return { good, total: last.size };
}
