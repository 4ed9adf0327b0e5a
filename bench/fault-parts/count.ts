import { setTimeout as delay } from "node:timers/promises";
import type { Store } from "../../src/core/store.ts";
import type { Outside } from "./outside.ts";

const settleMsMax = 600_000;
/** After the last job, Slack's own pace may hold back the last posts. */
const slackMsMax = 180_000;

/** What the store and the world outside say in the end. */
export interface Count {
  readonly accepted: number;
  readonly accountedFor: number;
  readonly stillPending: number;
  readonly incidents: number;
  readonly reports: number;
  /** Incidents with exactly one headline and one report in Slack. */
  readonly postedOnce: number;
  readonly postedMore: number;
  readonly notes: number;
  readonly notesSentAgain: number;
  readonly modelCalls: number;
  readonly deadJobs: number;
  /** Calls that Slack would not have understood. */
  readonly misuses: readonly string[];
  readonly audit: string;
  /** Incidents that were not told of exactly once, with what was; the first few. */
  readonly wrong: readonly string[];
  readonly isRight: boolean;
}

/** Waits until nothing is pending, gathered, ready or leased. */
export async function settled(store: Store): Promise<void> {
  const until = Date.now() + settleMsMax;
  while (Date.now() < until) {
    const alarms = await store.alarms.counts();
    const jobs = await store.jobs.counts();
    const open = jobs.filter((job) => job.state === "ready" || job.state === "leased");
    if (alarms.pending + alarms.gathered === 0 && open.length === 0) return;
    await delay(300);
  }
}

/** Every incident that counts has its report in Slack, or the time for that is up. */
export async function untilPosted(store: Store, { slack }: Outside): Promise<void> {
  const until = Date.now() + slackMsMax;
  while (Date.now() < until) {
    const reports = await countedIncidents(store);
    const posted = postsOf(slack, "shodo_report");
    if (reports.every(({ id }) => posted.has(id))) break;
    await delay(500);
  }
  // Whatever would be posted a second time gets the time to be.
  await delay(5_000);
}

/** How often each incident was posted as this, by its id; what was deleted counts too. */
function postsOf(slack: Outside["slack"], type: string): Map<string, number> {
  const posts = new Map<string, number>();
  for (const message of slack.workspace.messages) {
    const { event_type, event_payload } = message.metadata;
    if (message.bot !== slack.workspace.botId || event_type !== type) continue;
    const id = String((event_payload as { id?: unknown } | undefined)?.id);
    posts.set(id, (posts.get(id) ?? 0) + 1);
  }
  return posts;
}

export async function countAll(store: Store, outside: Outside, accepted: number): Promise<Count> {
  const alarms = await store.alarms.counts();
  const accountedFor = Object.values(alarms).reduce((sum, count) => sum + count, 0);
  const jobs = await store.jobs.counts();
  const deadJobs = jobs
    .filter((job) => job.state === "dead")
    .reduce((sum, job) => sum + job.count, 0);
  const counted = await countedIncidents(store);
  const reports = counted.filter((incident) => incident.conclusion !== null).length;
  const headlines = postsOf(outside.slack, "shodo_headline");
  const posted = postsOf(outside.slack, "shodo_report");
  const isOnce = ({ id }: { id: string }) => posted.get(id) === 1 && headlines.get(id) === 1;
  const postedOnce = counted.filter(isOnce).length;
  const wrong = counted
    .filter((incident) => !isOnce(incident))
    .map((incident) => {
      const { id, state, conclusion } = incident;
      const times = `${headlines.get(id) ?? 0} headlines, ${posted.get(id) ?? 0} reports`;
      return `${id}: ${state}, ${conclusion ?? "no conclusion"}, ${times}`;
    });
  const more = [...headlines, ...posted].filter(([, times]) => times > 1);
  const reportNotes = [...outside.notes.keys()].filter((key) => key.includes(":report:"));
  const told = new Set(reportNotes.map((key) => key.split(":")[3])).size;
  const verdict = await store.audit.verify();
  const stillPending = alarms.pending + alarms.gathered;
  const isRight =
    accepted === accountedFor &&
    stillPending === 0 &&
    reports === counted.length &&
    postedOnce === counted.length &&
    more.length === 0 &&
    told === reports &&
    reportNotes.length === told &&
    deadJobs === 0 &&
    outside.slack.misuses.length === 0 &&
    verdict.kind === "intact";
  return {
    accepted,
    accountedFor,
    stillPending,
    incidents: counted.length,
    reports,
    postedOnce,
    postedMore: more.length,
    notes: reportNotes.length,
    notesSentAgain: [...outside.notes.values()].filter((times) => times > 1).length,
    modelCalls: outside.modelCalls(),
    deadJobs,
    misuses: outside.slack.misuses.slice(0, 3),
    audit:
      verdict.kind === "intact" ? `intact, ${verdict.entries} entries` : `broken at ${verdict.at}`,
    wrong: wrong.slice(0, 5),
    isRight,
  };
}

/** Those that did not turn out to be part of another one. */
async function countedIncidents(store: Store) {
  return (await allIncidents(store)).filter((incident) => incident.mergedInto === null);
}

async function allIncidents(store: Store) {
  const all = [];
  for (let before: string | undefined; ; ) {
    const page = await store.incidents.list({ limit: 500, ...(before ? { before } : {}) });
    all.push(...page);
    before = page.at(-1)?.id;
    if (page.length < 500) return all;
  }
}
