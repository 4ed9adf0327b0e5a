import { lambdaSettings } from "../config.ts";
import { ConfigError, UpstreamError } from "../core/errors.ts";
import type { AlarmStore } from "../core/intake.ts";
import { openEnvelope } from "../intake/envelopes.ts";
import {
  lambdaSignature,
  lambdaSignatureHeader,
  lambdaTimeHeader,
} from "../intake/senders/lambda.ts";
import { systemClock } from "../platform/clock.ts";
import { randomIds } from "../platform/ids.ts";

const forwardTimeoutMs = 10_000;
const quarantineCharsMax = 4_000;

/** What the caller of the function sees; CloudWatch, SNS and EventBridge ignore it. */
export interface LambdaAnswer {
  readonly accepted: number;
  readonly duplicates: number;
  /** States that are no alarm. */
  readonly handled: number;
  /** Messages that could not be read: kept in quarantine. */
  readonly refused: number;
}

/** Where alarms go; made once per function instance. */
export interface LambdaTarget {
  accept(event: unknown): Promise<LambdaAnswer>;
}

let target: Promise<LambdaTarget> | null = null;

/**
 * The handler of an AWS Lambda function that CloudWatch alarms, SNS, EventBridge or SQS invoke.
 * With `DATABASE_URL` the alarms are on disk in Postgres when it returns; with `SHODO_INTAKE_URL`
 * and `SHODO_INTAKE_SECRET` they are forwarded to `shodo serve`, which answers when they are on its
 * disk. It throws when neither was possible, so that Lambda tries again and then keeps the event in
 * the dead-letter queue.
 */
export async function handler(event: unknown): Promise<LambdaAnswer> {
  target ??= openTarget();
  try {
    return await (await target).accept(event);
  } catch (fault) {
    // The next invocation opens anew: a connection of a frozen instance may be gone.
    target = null;
    throw fault;
  }
}

async function openTarget(): Promise<LambdaTarget> {
  const { databaseUrl, forwardTo, secret } = lambdaSettings();
  if (forwardTo !== null && secret !== null) return forwarding(forwardTo, secret);
  if (databaseUrl === null) {
    throw new ConfigError(
      "Set DATABASE_URL, or SHODO_INTAKE_URL and SHODO_INTAKE_SECRET, for this function.",
    );
  }
  const { openPostgresStore } = await import("../store/postgres.ts");
  const parts = { clock: systemClock, ids: randomIds(systemClock) };
  const store = await openPostgresStore({ url: databaseUrl, connectionsMax: 1, ...parts });
  return storing(store.alarms);
}

/** Writes into the store that the service reads; nothing is lost while the service is down. */
export function storing(alarms: Pick<AlarmStore, "accept" | "quarantine">): LambdaTarget {
  return {
    accept: async (event) => {
      const { arrivals, handled, faults } = openEnvelope(event);
      const receipts = arrivals.length > 0 ? await alarms.accept(arrivals) : [];
      const body = JSON.stringify(event) ?? "";
      for (const reason of faults) {
        await alarms.quarantine({
          ...{ at: systemClock.now(), sender: "lambda", reason },
          ...{ bytes: Buffer.byteLength(body), body: body.slice(0, quarantineCharsMax) },
        });
      }
      const accepted = receipts.filter((receipt) => receipt.kind === "accepted").length;
      const duplicates = receipts.length - accepted;
      return { accepted, duplicates, handled, refused: faults.length };
    },
  };
}

/** Hands the event on as it is; `shodo serve` opens it under `/alarms/lambda`. */
export function forwarding(url: string, secret: string): LambdaTarget {
  return {
    accept: async (event) => {
      const body = JSON.stringify(event) ?? "";
      const time = String(systemClock.now());
      let response: Response;
      try {
        response = await fetch(url, {
          method: "POST",
          body,
          headers: {
            "content-type": "application/json",
            [lambdaTimeHeader]: time,
            [lambdaSignatureHeader]: lambdaSignature(secret, time, body),
          },
          signal: AbortSignal.timeout(forwardTimeoutMs),
        });
      } catch (cause) {
        throw new UpstreamError("shodo serve did not answer", { retryable: true, cause });
      }
      const answer = (await response.json().catch(() => ({}))) as Partial<LambdaAnswer>;
      const { accepted = 0, duplicates = 0 } = answer;
      // Understood and kept in its quarantine: trying again would change nothing.
      if (response.status === 422) return { accepted, duplicates, handled: 0, refused: 1 };
      if (!response.ok) {
        const message = `shodo serve answered ${response.status}`;
        throw new UpstreamError(message, { retryable: response.status >= 500 });
      }
      const handled = accepted + duplicates === 0 ? 1 : 0;
      return { accepted, duplicates, handled, refused: 0 };
    },
  };
}
