import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";

type Level = "info" | "warn" | "error";

/** One JSON line per event on stderr, because stdout belongs to protocols and results. */
export function stderrLogger(
  clock: Clock,
  bound: Readonly<Record<string, unknown>> = {},
  write: (line: string) => void = (line) => process.stderr.write(line),
): Logger {
  const log = (level: Level) => (event: string, fields?: Readonly<Record<string, unknown>>) => {
    const at = new Date(clock.now()).toISOString();
    write(`${JSON.stringify({ at, level, event, ...bound, ...fields })}\n`);
  };
  return {
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    with: (fields) => stderrLogger(clock, { ...bound, ...fields }, write),
  };
}

/** Says nothing: for one-shot commands, whose progress line is the log. */
export const silentLogger: Logger = {
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => silentLogger,
};
