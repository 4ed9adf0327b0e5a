import { existsSync } from "node:fs";
import { readdir, rm, rmdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { ReceiveOptions } from "../cli/runtime.ts";
import type { Clock } from "../core/clock.ts";
import { UserError } from "../core/errors.ts";
import { toIso, type Window } from "../core/window.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../sources/otlp-receiver.ts";

const minuteMs = 60_000;
/** The incident is the last quarter of what came, at most half an hour, unless it is said. */
const usualWindow = { share: 0.25, msMax: 30 * minuteMs } as const;
const progressMs = 2_000;

/**
 * Receives OTLP/HTTP until it is stopped and leaves a capture that can be investigated. Throws
 * `UserError` when the folder is not free, the port is taken, or the disk is full at the end.
 */
export async function runReceive(
  options: ReceiveOptions,
  clock: Clock,
): Promise<readonly string[]> {
  const folder = resolve(options.out);
  await requireFree(folder, options.out);
  const isResumed = existsSync(`${folder}.partial`);
  const receiver = await startOtlpReceiver({
    dir: folder,
    resume: true,
    clock,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  options.say(`Receiving OTLP/HTTP at ${receiver.url} (Ctrl-C ends the recording)`);
  options.say(`  set OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url} where your services run`);
  if (isResumed)
    options.say(`  going on with ${options.out}.partial, left by a run that was cut off`);
  const timer = setInterval(() => options.progress(stateOf(receiver)), progressMs);
  await stopped(options.signal);
  clearInterval(timer);
  let reach: Window | null = null;
  try {
    await receiver.finish((found) => {
      reach = found;
      return found ? { "incident.json": incidentText(options, found) } : {};
    });
  } catch (cause) {
    throw new UserError(
      `The recording could not be finished; what was written is in ${options.out}.partial. ` +
        `Free some space and run the same command again to go on with it.`,
      { cause },
    );
  }
  if (reach === null) {
    await rm(folder, { recursive: true });
    return ["Nothing was received, so that no folder was made."];
  }
  const { from, to } = reach as Window;
  return [
    `${stateOf(receiver)}, from ${toIso(from)} to ${toIso(to)}`,
    `Investigate it: shodo investigate --capture ${options.out}`,
  ];
}

/** An empty folder may be used; one that holds anything is never written to. */
async function requireFree(folder: string, said: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new UserError(`${said} is not a folder; choose another name`, { cause: error });
  });
  if (names === null) return;
  if (names.length > 0) {
    throw new UserError(`${said} is not empty; choose a folder that does not exist yet`);
  }
  await rmdir(folder);
}

function stateOf({ accepted, refusal }: OtlpReceiver): string {
  const { spans, logs, metrics } = accepted;
  const counts = `${spans} spans, ${logs} log lines, ${metrics} samples`;
  const reason = refusal();
  return reason === null ? counts : `${counts}; senders wait: ${reason}`;
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }));
}

/** `incident.json`: a question about the end of the recording, against what came before. */
function incidentText({ windowMinutes, title }: ReceiveOptions, { from, to }: Window): string {
  const usual = Math.min((to - from) * usualWindow.share, usualWindow.msMax);
  const asked = windowMinutes === undefined ? usual : windowMinutes * minuteMs;
  const begin = Math.max(from, Math.floor(to - asked));
  const incident = {
    id: `received-${toIso(to)}`,
    title: title ?? "What went wrong in this recording?",
    trigger: { kind: "question", summary: title ?? "What went wrong?", firedAt: toIso(to) },
    window: { from: toIso(begin), to: toIso(to) },
    ...(begin > from ? { baseline: { from: toIso(from), to: toIso(begin) } } : {}),
  };
  return `${JSON.stringify(incident, null, 2)}\n`;
}
