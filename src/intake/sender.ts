import type { z } from "zod";
import type { IncomingMessage } from "../core/alarm-door.ts";
import type { Clock } from "../core/clock.ts";
import type { Arrival } from "../core/intake.ts";

/** What a sender's file may use besides the message. */
export interface SenderTools {
  readonly clock: Clock;
  /**
   * Value of an environment variable that settings name; throws `ConfigError` when it is not set.
   */
  readonly secret: (variable: string) => string;
  /** Body of an https (or http) address; at most `bytesMax` of it, else it throws. */
  readonly fetchBytes: (url: string, bytesMax: number) => Promise<Uint8Array>;
  /** PEM certificates that a chain may end in. */
  readonly trustedRoots: readonly string[];
}

export type Verdict =
  | { readonly kind: "alarms"; readonly arrivals: readonly Arrival[] }
  /** Understood, and there is nothing to record: a confirmation, or a state that is no alarm. */
  | { readonly kind: "handled"; readonly note: string }
  | {
      readonly kind: "refused";
      /**
       * 400 malformed, 401 unsigned or wrongly signed, 403 not allowed, 409 stale, 422 not ours.
       */
      readonly status: 400 | 401 | 403 | 409 | 422;
      /** One sentence of ours that says what to do; holds nothing of the message. */
      readonly reason: string;
    }
  /** Could not be judged now (a certificate could not be fetched); the sender should try again. */
  | { readonly kind: "later"; readonly reason: string };

/** A sender with its settings: takes a message apart, or says why not. Writes nothing. */
export interface Sender {
  /** Path below `/alarms/`; null for one that is not reached over HTTP. */
  readonly path: string | null;
  /** Set for one that polls a queue. */
  readonly queue?: { readonly url: string; readonly region: string | null };
  receive(message: IncomingMessage): Promise<Verdict>;
}

/** One kind of sender: what a file in `senders/` exports as its definition. */
export interface SenderDefinition<Settings extends z.ZodType = z.ZodType> {
  readonly kind: string;
  readonly title: string;
  /** One entry of `alarms:` in `shodo.yaml`, its `kind` included. */
  readonly settings: Settings;
  open(settings: z.infer<Settings>, tools: SenderTools): Sender;
}

/** Keeps the literal type of the settings for `open`. */
export function defineSender<Settings extends z.ZodType>(
  definition: SenderDefinition<Settings>,
): SenderDefinition {
  return definition as unknown as SenderDefinition;
}

/** The status and the sentence go to the sender; see `Verdict` for which status means what. */
export function refused(
  status: Extract<Verdict, { kind: "refused" }>["status"],
  reason: string,
): Verdict {
  return { kind: "refused", status, reason };
}

/** The body as JSON, or undefined; a byte order mark is no fault. */
export function jsonOf(body: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
