import type { Clock } from "../../../core/clock.ts";

/**
 * Slack's rate limits as a sliding minute per method (docs.slack.dev/apis/web-api/rate-limits), and
 * about one post a second per channel with short bursts. Returns seconds to wait, or null.
 */
export class Rates {
  readonly #calls = new Map<string, number[]>();
  readonly #clock: Clock;
  readonly #perMinute: Readonly<Record<string, number>>;
  refused = 0;

  constructor(clock: Clock, perMinute: Readonly<Record<string, number>> = slackRates) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  refuse(method: string, channel: string | null): number | null {
    const wait =
      this.#over(method, this.#perMinute[method] ?? 100, 60_000) ??
      (method === "chat.postMessage" && channel
        ? this.#over(`${method}:${channel}`, 10, 10_000)
        : null);
    if (wait === null) return null;
    this.refused += 1;
    return wait;
  }

  #over(key: string, most: number, windowMs: number): number | null {
    const now = this.#clock.now();
    const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - windowMs);
    this.#calls.set(key, recent);
    if (recent.length >= most) {
      return Math.max(1, Math.ceil(((recent[0] ?? now) + windowMs - now) / 1_000));
    }
    recent.push(now);
    return null;
  }
}

export const slackRates: Readonly<Record<string, number>> = {
  "chat.postMessage": 600,
  "chat.update": 50,
  "chat.startStream": 20,
  "chat.appendStream": 100,
  "chat.stopStream": 20,
  "reactions.add": 50,
  "assistant.threads.setStatus": 100,
  "agents.sessions.setStatus": 50,
  "views.open": 100,
  "views.publish": 100,
};
