import type { AlarmDoor } from "../core/alarm-door.ts";
import type { Analyst } from "../core/analyst.ts";
import type { Clock } from "../core/clock.ts";
import type { HttpSettings } from "../core/http-settings.ts";
import type { Ids } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Store } from "../core/store.ts";

/** What the pages and the API work with. */
export interface HttpParts {
  readonly analyst: Analyst;
  readonly store: Pick<
    Store,
    "alarms" | "jobs" | "face" | "audit" | "incidents" | "retention" | "ping"
  >;
  readonly door: AlarmDoor;
  readonly settings: HttpSettings;
  readonly secret: (variable: string) => string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly version: string;
  /** False while the process drains, so that a balancer sends no more. */
  readonly isAccepting: () => boolean;
  /** Another face behind the same port; null for what is not its own. */
  readonly beside?: (request: Request) => Promise<Response | null>;
  /** More lines for `/metrics`, as name, help and value. */
  readonly gauges: () => readonly Gauge[];
}

export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}
