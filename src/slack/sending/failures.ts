import { webApi } from "@slack/bolt";

/** Why a call of the Web API did not work. */
export type Failure =
  | { readonly kind: "rate-limited"; readonly retryAfterMs: number }
  /** Slack answered no; `error` is its code. */
  | { readonly kind: "refused"; readonly error: string; readonly details: readonly string[] }
  /** No answer, or one of the 5xx: worth another try. */
  | { readonly kind: "unreachable" };

/** Sorts what `@slack/web-api` throws. */
export function failureOf(error: unknown): Failure {
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return { kind: "rate-limited", retryAfterMs: Math.max(1, error.retryAfter) * 1_000 };
  }
  if (error instanceof webApi.WebAPIPlatformError) {
    const { data } = error;
    const transient = ["internal_error", "fatal_error", "service_unavailable", "request_timeout"];
    if (transient.includes(data.error)) return { kind: "unreachable" };
    return {
      kind: "refused",
      error: data.error,
      details: data.response_metadata?.messages ?? [],
    };
  }
  return { kind: "unreachable" };
}

/** Errors after which nothing can be sent until a person acts. */
export const deadTokenErrors: readonly string[] = [
  "token_revoked",
  "invalid_auth",
  "account_inactive",
  "not_authed",
  "token_expired",
];

/** Errors of a place that is closed to the app: removed from it, archived, gone. */
export const closedErrors: readonly string[] = [
  "not_in_channel",
  "channel_not_found",
  "is_archived",
  "thread_not_found",
  "restricted_action",
];

/** True when the same call may well work later: Slack was away, or waits for a valid token. */
export function mayWorkLater(error: string): boolean {
  return deadTokenErrors.includes(error) || error === "unreachable" || error === "dropped";
}
