import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { type InvestigationRequest, requestBy } from "../core/investigation-request.ts";
import { localPrincipal } from "../core/principal.ts";
import type { EpochMs, Window } from "../core/window.ts";
import { languageOption, type Options, textOption } from "./command.ts";
import { parseTime } from "./since.ts";

/** Turns the options of `investigate` into a request; faults name the option and the way out. */
export function requestFrom(
  question: string | undefined,
  options: Options,
  now: EpochMs,
): InvestigationRequest {
  const capture = textOption(options, "capture");
  if (question && capture === undefined && isFolder(question)) {
    throw new UserError(
      `"${question}" is a folder: to read it as a capture, say --capture ${question}`,
    );
  }
  const window = windowFrom(options, now);
  return requestBy(localPrincipal, {
    question: question ?? null,
    service: textOption(options, "service") ?? null,
    window,
    model: textOption(options, "model") ?? null,
    language: languageOption(options) ?? null,
    capture: captureFrom(capture, window),
  });
}

function windowFrom(options: Options, now: EpochMs): Window | null {
  const since = textOption(options, "since");
  const until = textOption(options, "until");
  if (!since && !until) return null;
  if (!since) throw new UserError("--until needs --since as well: when should the window begin?");
  const window = {
    from: parseTime(since, now, "--since"),
    to: until ? parseTime(until, now, "--until") : now,
  };
  if (window.from < window.to) return window;
  throw new UserError(`--since "${since}" is not before --until "${until ?? "now"}".`);
}

function captureFrom(folder: string | undefined, window: Window | null): string | null {
  if (folder === undefined) return null;
  const path = resolve(folder);
  if (!isFolder(path)) {
    throw new UserError(`--capture "${folder}" is not a folder.`);
  }
  if (window === null && !existsSync(join(path, "incident.json"))) {
    throw new UserError(
      `--capture "${folder}" has no incident.json: add one, or say when it happened ` +
        "(--since and --until).",
    );
  }
  return path;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
