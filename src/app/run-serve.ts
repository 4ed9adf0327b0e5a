import type { ServeOptions } from "../cli/runtime.ts";
import type { Config } from "../config.ts";
import { UserError } from "../core/errors.ts";
import type { Incident } from "../core/incident.ts";
import type { GroupingRound } from "../core/intake.ts";
import type { Language } from "../core/language.ts";
import type { Logger } from "../core/logger.ts";
import type { Notifier } from "../core/notifier.ts";
import { localPrincipal } from "../core/principal.ts";
import { slackChannelFor, slackLanguageIn } from "../core/slack-settings.ts";
import type { HttpServer } from "../http/serve.ts";
import { alarmDoor } from "../intake/alarm-door.ts";
import { arrivalWriter } from "../intake/arrival-writer.ts";
import { groupingLoop } from "../intake/grouping/loop.ts";
import { alarmPrincipal } from "../intake/grouping/open-incident.ts";
import { pollQueue } from "../intake/poll-queue.ts";
import { stderrLogger } from "../platform/logger.ts";
import { capture as captureSource } from "../sources/capture.ts";
import { expireUntil } from "../work/expire.ts";
import { investigateHandler } from "../work/investigate.ts";
import { announceHandler, notifyHandler } from "../work/notify.ts";
import { takeOver } from "../work/owner.ts";
import { webhookNotifier } from "../work/webhook-notifier.ts";
import { type Worker, worker } from "../work/worker.ts";
import { unpricedModels } from "./analyst/drivers.ts";
import { type OpenedAnalyst, openAnalyst } from "./open-analyst.ts";
import { packageVersion } from "./package-root.ts";
import type { Platform } from "./platform.ts";
import { openSenders, secretOf } from "./serve/open-senders.ts";
import { openSlack } from "./serve/open-slack.ts";
import { mcpBeside } from "./serve/serve-mcp-beside.ts";
import { speakInTurn } from "./serve/slack-turn.ts";
import { watchTopology } from "./serve/topology-watch.ts";

/** The service: alarms in, incidents worked on, pages and Slack out, until it is asked to stop. */
export async function runServe(options: ServeOptions, platform: Platform): Promise<void> {
  const logger = stderrLogger(platform.clock);
  const opened = await openAnalyst({
    configFile: options.configFile,
    model: undefined,
    capture: options.capture,
    ...platform,
    logger,
    isWatching: true,
  });
  const service = await openService(opened, options, { ...platform, logger });
  const { signInLink } = service.http;
  const links = opened.config.serve.publicUrl === undefined ? {} : { signInLink };
  const open = () => openSlack({ ...opened, ...platform, ...links, logger });
  // Opened once here, so that a token that is missing is said before anything runs.
  const hasSlack = (await open()) !== null;
  options.say(`Shodo serves at ${service.http.url} (Ctrl-C stops)`);
  for (const path of service.paths)
    options.say(`  alarms: POST ${service.http.url}/alarms/${path}`);
  options.say(
    service.hasMcp
      ? `  MCP: ${service.http.url}/mcp`
      : "  MCP: off; others can reach this server, so it needs tokens (serve.tokens, mcp.http.tokens)",
  );
  if (service.paths.length === 0) options.say("  alarms: none set up (alarms: in shodo.yaml)");
  const unpriced = unpricedModels(opened.config);
  if (unpriced) options.say(`  model: ${unpriced}`);
  if (needsLink({ ...opened.config.serve, host: options.host ?? opened.config.serve.host })) {
    options.say(`  sign in: ${await service.http.signInLink(localPrincipal, "/")}`);
  }
  const fault = new AbortController();
  const signal = AbortSignal.any([options.signal, fault.signal]);
  const turn = {
    jobs: opened.store.jobs,
    owner: opened.owner,
    clock: platform.clock,
    logger,
    open,
  };
  const slack = hasSlack ? speakInTurn(turn, signal) : Promise.resolve();
  slack.catch(() => fault.abort());
  await service.run(signal);
  await slack;
  // What still runs goes on elsewhere: its job is back in the queue, and its steps are kept.
  await opened.analyst.handOver();
  await opened.close();
}

/** Somebody at this machine gets in without a link only while nobody else can reach the port. */
function needsLink({ publicUrl, host }: Config["serve"]): boolean {
  return publicUrl !== undefined || host !== "127.0.0.1";
}

async function openService(
  opened: OpenedAnalyst,
  options: ServeOptions,
  platform: Platform & { readonly logger: Logger },
) {
  const { analyst, store, config, sources, owner } = opened;
  const { clock, ids, logger } = platform;
  await takeOver(store.jobs, owner, logger);
  const practice = options.capture ? await openPractice(options.capture) : null;
  const topology = watchTopology(practice ? [practice] : sources, { clock, logger });
  const senders = openSenders(config, clock);
  const write = arrivalWriter(store.alarms);
  const intake = { store: store.alarms, write, clock, logger };
  const grouping = groupingLoop({
    ...{ store, clock, ids, logger, owner },
    settings: config.grouping,
    topology: topology.current,
    onRound: (round) => void tellOf(round, { analyst, store }).catch(() => {}),
  });
  const notifiers = notifiersOf(config);
  const names = notifiers.map((item) => item.name);
  const jobs = { jobs: store.jobs, clock, notifiers: names };
  const capture = options.capture ?? null;
  const giveUp = (id: string, why: string) => analyst.giveUp(id, why);
  const work = worker({
    ...{ jobs: store.jobs, clock, logger, owner },
    settings: config.work,
    handlers: [
      announceHandler(jobs),
      notifyHandler({ analyst, notifiers }),
      investigateHandler({ ...jobs, analyst, languageFor: slackLanguage(config), capture, giveUp }),
    ],
  });
  let isAccepting = true;
  const { serveHttp } = await import("../http/serve.ts");
  const { host = config.serve.host, port = config.serve.port } = options;
  const mcp = await mcpBeside(opened, { host, port }, platform);
  const beside = mcp ? { beside: (request: Request) => mcp.fetch(request) } : {};
  const http: HttpServer = await serveHttp({
    ...beside,
    ...{ analyst, store, clock, ids, logger, version: packageVersion() },
    settings: { ...config.serve, ...pageLanguage(config), host, port },
    door: alarmDoor({ ...intake, senders }),
    secret: secretOf(config),
    isAccepting: () => isAccepting,
    gauges: () => workGauges(work),
  });
  const run = async (signal: AbortSignal) => {
    const running = [
      topology.run(signal),
      grouping.run(signal),
      work.run(signal),
      expireUntil({ store, settings: config.retention, clock, logger, owner }, signal),
    ];
    for (const sender of senders) {
      if (!sender.queue) continue;
      const { openSqsQueue } = await import("../sources/aws/sqs.ts");
      const queue = openSqsQueue(sender.queue);
      running.push(pollQueue({ ...intake, queue, sender, signal }));
    }
    await aborted(signal);
    isAccepting = false;
    await mcp?.close();
    await http.close();
    await Promise.all(running);
    await practice?.close();
  };
  return { http, hasMcp: mcp !== null, paths: senders.flatMap((sender) => sender.path ?? []), run };
}

async function openPractice(folder: string) {
  try {
    return await captureSource.open("practice", { folder });
  } catch (cause) {
    throw new UserError(`--capture "${folder}" cannot be read as a capture.`, { cause });
  }
}

/** Faces hear of what intake has changed; an incident that became part of another is stopped. */
async function tellOf(
  round: GroupingRound,
  { analyst, store }: Pick<OpenedAnalyst, "analyst" | "store">,
): Promise<void> {
  for (const { incident } of round.merged) await analyst.cancel(incident, alarmPrincipal);
  const changed = new Set([
    ...round.opened.map((incident) => incident.id),
    ...round.joins.map((join) => join.incident),
    ...round.resolved.map((item) => item.incident),
    ...round.merged.map((item) => item.incident),
  ]);
  for (const id of changed) {
    const incident = await store.incidents.get(id);
    if (incident) analyst.tell(incident);
  }
}

/** The report of an alarm is written in the language of the channel that it will be posted to. */
function slackLanguage({ slack }: Config) {
  return (incident: Incident): Language | null => {
    const channel = slack?.enabled ? slackChannelFor(slack, incident) : null;
    return slack && channel !== null ? slackLanguageIn(slack, channel) : null;
  };
}

/** Who chose Japanese for the reports reads Japanese pages; else each reader's browser decides. */
function pageLanguage({ serve, language }: Config): Pick<Config["serve"], "language"> {
  if (serve.language !== undefined) return { language: serve.language };
  return language === "en" ? {} : { language };
}

function notifiersOf(config: Config): Notifier[] {
  const publicUrl = config.serve.publicUrl ?? null;
  return config.notify.map(({ name, url, secretFrom }) => {
    const secret = secretFrom === undefined ? null : secretOf(config)(secretFrom);
    return webhookNotifier({ name, url, secret, publicUrl });
  });
}

function workGauges(work: Worker) {
  const { running, ceiling } = work.status();
  return [
    { name: "shodo_jobs_running", help: "Jobs that run in this process.", value: running },
    {
      name: "shodo_work_ceiling_reached",
      help: "1 while investigations wait for a ceiling per hour.",
      value: ceiling === null ? 0 : 1,
    },
  ];
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
