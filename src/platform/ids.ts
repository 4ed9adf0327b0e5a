import { randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";

/** Ids of the form `prefix_<time, base 36><80 random bits>`: sortable by time, not guessable. */
export function randomIds(clock: Clock): Ids {
  return {
    next(prefix) {
      const time = clock.now().toString(36).padStart(9, "0");
      return `${prefix}_${time}${randomBytes(10).toString("hex")}`;
    },
  };
}
