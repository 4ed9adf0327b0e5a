import { createHmac } from "node:crypto";
import { UpstreamError } from "../core/errors.ts";
import type { Note, Notifier } from "../core/notifier.ts";
import { toIso } from "../core/window.ts";

const timeoutMs = 10_000;

export interface WebhookNotifierOptions {
  readonly name: string;
  readonly url: string;
  readonly secret: string | null;
  /** Where the pages of this Shodo are, without a slash at the end. */
  readonly publicUrl: string | null;
}

/**
 * Posts JSON. `Idempotency-Key` is the same on every attempt, since a crash between the answer and
 * the note that it came makes one more attempt.
 */
export function webhookNotifier(options: WebhookNotifierOptions): Notifier {
  return {
    name: options.name,
    deliver: async (note, signal) => {
      const body = JSON.stringify(bodyOf(note, options.publicUrl));
      const headers: Record<string, string> = {
        "content-type": "application/json",
        "idempotency-key": note.key,
      };
      if (options.secret) {
        const digest = createHmac("sha256", options.secret).update(body).digest("hex");
        headers["x-shodo-signature-256"] = `sha256=${digest}`;
      }
      let response: Response;
      try {
        const timeout = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
        response = await fetch(options.url, { method: "POST", headers, body, signal: timeout });
      } catch (cause) {
        throw new UpstreamError(`${options.name} did not answer`, { retryable: true, cause });
      }
      await response.body?.cancel();
      if (response.ok || response.status === 409) return;
      throw new UpstreamError(`${options.name} answered ${response.status}`, { retryable: true });
    },
  };
}

function bodyOf({ what, incident, report }: Note, publicUrl: string | null) {
  return {
    what,
    incident: {
      id: incident.id,
      title: incident.title,
      state: incident.state,
      service: incident.service,
      openedAt: toIso(incident.openedAt),
      alarms: incident.alarms.length,
      link: publicUrl ? `${publicUrl}/incidents/${incident.id}` : null,
    },
    report: report && {
      conclusion: report.conclusion,
      confidence: report.confidence,
      priority: report.priority.level,
      summary: report.summary,
      rootCauses: report.rootCauses.slice(0, 3).map(({ service, mechanism, confidence }) => ({
        service,
        mechanism,
        confidence,
      })),
    },
  };
}
