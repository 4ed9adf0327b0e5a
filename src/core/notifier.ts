import type { Incident } from "./incident.ts";
import type { Report } from "./report.ts";

/** Something that people outside should hear. */
export interface Note {
  /** The same on every attempt: a receiver that has seen it does nothing. */
  readonly key: string;
  readonly what: "headline" | "report";
  readonly incident: Incident;
  readonly report: Report | null;
}

/** A place where incidents are announced, besides the faces that people talk to. */
export interface Notifier {
  readonly name: string;
  /** Throws `UpstreamError` when it did not arrive; it is then tried again. */
  deliver(note: Note, signal: AbortSignal): Promise<void>;
}
