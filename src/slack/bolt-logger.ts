import { type Logger as BoltLogger, LogLevel } from "@slack/bolt";
import type { Logger } from "../core/logger.ts";

/** Bolt's own messages as log events. Payloads are never logged: debug is dropped. */
export function boltLogger(logger: Logger): BoltLogger {
  const say = (parts: unknown[]) => parts.map(String).join(" ").slice(0, 500);
  return {
    debug: () => {},
    info: () => {},
    warn: (...parts) => logger.warn("slack-bolt", { message: say(parts) }),
    error: (...parts) => logger.error("slack-bolt", { message: say(parts) }),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}

/** For one-shot checks, whose outcome is all that is shown. */
export const silentBoltLogger: BoltLogger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};
