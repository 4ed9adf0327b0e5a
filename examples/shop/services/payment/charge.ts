import { call, HttpError } from "../../lib/http.ts";
import { log } from "../../lib/log.ts";
import { settings } from "../../lib/settings.ts";

export interface Charge {
  order: string;
  amountCents: number;
  country: string;
}

export type ChargeOutcome =
  | { kind: "authorized"; authorization: string }
  | { kind: "declined" }
  | { kind: "failed"; reason: string };

/** Asks the payment provider, again after a fault as often as the settings allow. */
export async function authorize(charge: Charge): Promise<ChargeOutcome> {
  const { providerTimeoutMs, providerAttempts } = settings();
  let reason = "";
  for (let attempt = 1; attempt <= providerAttempts; attempt += 1) {
    try {
      const answer = await call<{ authorization?: string }>("novapay", "/v2/authorizations", {
        body: charge,
        timeoutMs: providerTimeoutMs,
      });
      return answer.authorization
        ? { kind: "authorized", authorization: answer.authorization }
        : { kind: "declined" };
    } catch (error) {
      if (error instanceof HttpError && error.status === 402) return { kind: "declined" };
      reason = error instanceof Error ? error.message : String(error);
      log.warn(`authorization attempt ${attempt} failed: ${reason}`, { order: charge.order });
    }
  }
  return { kind: "failed", reason };
}
