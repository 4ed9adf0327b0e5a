/**
 * A bad minute in Slack: 200 mentions and 2,000 alarm messages on one process, over Socket Mode,
 * with the double refusing everything over Slack's rates. Each round must ack every event in time,
 * report every mention and every distinct alarm exactly once, and leave the heap where it was.
 *
 *   npm run bench -- slack [--rounds 2] [--seconds 60] [--mentions 200] [--alarms 2000]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { slackSettingsSchema } from "../src/core/slack-settings.ts";
import { systemClock } from "../src/platform/clock.ts";
import { randomIds } from "../src/platform/ids.ts";
import { silentLogger } from "../src/platform/logger.ts";
import { createSlackFace } from "../src/slack/slack-face.ts";
import { SlackDouble } from "../src/slack/testing/double/slack-double.ts";
import { appToken, botToken } from "../src/slack/testing/double/web-api.ts";
import { ScriptedAnalyst } from "../src/slack/testing/scripted-analyst.ts";
import { openSqliteStore } from "../src/store/sqlite.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "2" },
    seconds: { type: "string", default: "60" },
    mentions: { type: "string", default: "200" },
    alarms: { type: "string", default: "2000" },
  },
});
const seconds = Number(values.seconds);
const mentions = Number(values.mentions);
const alarms = Number(values.alarms);
const channelCount = 20;
const distinctAlarms = 40;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const folder = mkdtempSync(join(tmpdir(), "shodo-bench-"));
const ids = randomIds(systemClock);
const double = await SlackDouble.start({ enforceRates: true, recordCalls: false });
const store = await openSqliteStore({ path: join(folder, "state.db"), clock: systemClock, ids });
const analyst = new ScriptedAnalyst(systemClock, { pace: 20 });
const face = createSlackFace({
  settings: slackSettingsSchema.parse({
    apiUrl: double.apiUrl,
    alarmBots: ["B0ALARM01"],
    roles: { responder: { everyone: true } },
  }),
  secrets: { botToken, appToken, signingSecret: null },
  analyst,
  face: store.face,
  audit: store.audit,
  feedback: store.feedback,
  language: "en",
  clock: systemClock,
  ids,
  logger: silentLogger,
});
for (let i = 0; i < channelCount; i += 1) {
  const id = `C0LOAD${String(i).padStart(3, "0")}`;
  const channel = { id, name: `load-${i}`, isIm: false, botIsMember: true, shared: false };
  double.workspace.channels.set(id, channel);
}
await face.start();

const rounds = [];
for (let round = 0; round < Number(values.rounds); round += 1) rounds.push(await play(round));
console.log(JSON.stringify({ bench: "slack", seconds, mentions, alarms, rounds }, null, 2));
if (rounds.some((round) => round.lost > 0 || round.twice > 0 || round.late > 0))
  process.exitCode = 1;
await face.stop();
await double.close();
await store.close();
rmSync(folder, { recursive: true });

/** One minute of load, then as long as it takes to drain. */
async function play(round: number) {
  const started = performance.now();
  const refusedBefore = double.rates?.refused ?? 0;
  const sent: Promise<unknown>[] = [];
  let peakRss = 0;
  let peakCalls = 0;
  const told = setInterval(() => {
    const { work, calls } = face.load();
    const seconds = Math.round((performance.now() - started) / 1_000);
    const what = JSON.stringify(face.load().waiting);
    console.error(
      `${seconds} s: ${reports().length} reports, ${work} jobs, ${calls} calls wait ${what}`,
    );
  }, 10_000);
  const every = setInterval(() => {
    peakRss = Math.max(peakRss, process.memoryUsage().rss);
    peakCalls = Math.max(peakCalls, face.load().calls);
  }, 200);
  await Promise.all([
    spread(mentions, (i) => {
      const channel = `C0LOAD${String(i % channelCount).padStart(3, "0")}`;
      sent.push(
        double.user("U0ANA0001").mention(channel, `round ${round}: what broke, number ${i}?`),
      );
    }),
    spread(alarms, (i) => {
      const name = letters(round * distinctAlarms + (i % distinctAlarms));
      const text = `ALARM ${name}: error share is ${i}`;
      sent.push(double.botSays("B0ALARM01", "C0INCID01", text));
    }),
  ]);
  await Promise.all(sent);
  const loadedMs = performance.now() - started;
  await double.until(() => reports().length >= mentions + distinctAlarms, "every report", 600_000);
  const reportedMs = performance.now() - started;
  await face.settled();
  clearInterval(every);
  clearInterval(told);
  const perThread = new Map<string, number>();
  for (const one of reports()) {
    const key = `${one.channel}:${one.threadTs}`;
    perThread.set(key, (perThread.get(key) ?? 0) + 1);
  }
  const acks = double.deliveries.map((one) => one.ackedInMs ?? Number.POSITIVE_INFINITY);
  acks.sort((a, b) => a - b);
  const result = {
    events: double.deliveries.length,
    late: acks.filter((ms) => ms > 3_000).length,
    ackMs: { p50: at(acks, 0.5), p99: at(acks, 0.99), max: at(acks, 1) },
    reports: reports().length,
    lost: mentions + distinctAlarms - perThread.size,
    twice: [...perThread.values()].filter((count) => count > 1).length,
    loadSeconds: Math.round(loadedMs / 1_000),
    reportsAfterSeconds: Math.round(reportedMs / 1_000),
    editsAfterSeconds: Math.round((performance.now() - started) / 1_000),
    refusedByRates: (double.rates?.refused ?? 0) - refusedBefore,
    peakCallsWaiting: peakCalls,
    peakRssMb: Math.round(peakRss / 1e6),
    heapAfterMb: 0,
  };
  double.workspace.messages.length = 0;
  double.workspace.sessions.clear();
  double.workspace.statuses.length = 0;
  double.deliveries.length = 0;
  analyst.forget();
  collect();
  return { ...result, heapAfterMb: Math.round(process.memoryUsage().heapUsed / 1e5) / 10 };
}

function reports() {
  return double.workspace.messages.filter((one) => one.metadata.event_type === "shodo_report");
}

/** Calls `act` `count` times, evenly over the minute. */
async function spread(count: number, act: (i: number) => void): Promise<void> {
  const started = performance.now();
  for (let i = 0; i < count; i += 1) {
    const due = started + (i / count) * seconds * 1_000;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    act(i);
  }
}

/** Digits are masked in fingerprints, so alarms are told apart by letters. */
function letters(number: number): string {
  return String(number)
    .split("")
    .map((digit) => String.fromCharCode(97 + Number(digit)))
    .join("");
}

function at(sorted: readonly number[], share: number): number {
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return Math.round((sorted[index] ?? 0) * 10) / 10;
}
