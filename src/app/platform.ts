import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";

/** What every part is handed, so that tests can say what time it is and which ids come next. */
export interface Platform {
  readonly clock: Clock;
  readonly ids: Ids;
}
