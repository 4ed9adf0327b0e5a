import type { EpochMs } from "./window.ts";

/** The only way to know what time it is; `platform/clock.ts` has the real one. */
export interface Clock {
  now(): EpochMs;
}

/** The only way to make an id; `platform/ids.ts` has the real one. */
export interface Ids {
  /** Unguessable, sortable by time: `inc_01j…`. */
  next(prefix: string): string;
}

/** One JSON line per event on stderr; names are noun-verb, values never hold payloads or secrets. */
export interface Logger {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
  with(fields: Readonly<Record<string, unknown>>): Logger;
}
