import { z } from "zod";
import type { Alarm } from "../../core/alarm.ts";
import type { Arrival } from "../../core/intake.ts";
import { faultOf } from "../cloudwatch-messages.ts";
import { authorizationSecret, digestOf, isSameSecret } from "../secrets.ts";
import { defineSender, jsonOf, refused } from "../sender.ts";
import { serviceOf } from "../service-name.ts";

const settingsSchema = z.strictObject({
  kind: z.literal("alertmanager"),
  /** Environment variable that holds the token of `http_config.authorization`, or the password. */
  secretFrom: z.string().min(1),
});

/** Alerts taken from one notification; Alertmanager's `max_alerts` bounds it at the source. */
const alertsMax = 5_000;

/** Version 4 of the webhook of Alertmanager: its documentation, "webhook_config". */
const payloadSchema = z.looseObject({
  version: z.literal("4"),
  groupKey: z.string().default(""),
  truncatedAlerts: z.number().default(0),
  alerts: z
    .array(
      z.looseObject({
        status: z.enum(["firing", "resolved"]),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()).default({}),
        startsAt: z.iso.datetime({ offset: true }),
        endsAt: z.string().default(""),
        generatorURL: z.string().default(""),
        fingerprint: z.string().optional(),
      }),
    )
    .min(1)
    .max(alertsMax),
});
type Alert = z.infer<typeof payloadSchema>["alerts"][number];

/** Prometheus Alertmanager's webhook. */
export const alertmanager = defineSender({
  kind: "alertmanager",
  title: "Prometheus Alertmanager webhook",
  settings: settingsSchema,
  open({ secretFrom }, tools) {
    const secret = tools.secret(secretFrom);
    return {
      path: "alertmanager",
      receive: async ({ body, headers }) => {
        const given = authorizationSecret(headers.authorization);
        if (given === null || !isSameSecret(given, secret)) {
          return refused(401, "The token in the Authorization header is missing or wrong.");
        }
        const parsed = payloadSchema.safeParse(jsonOf(body));
        if (!parsed.success) {
          return refused(400, `Not an Alertmanager webhook: ${faultOf(parsed.error)}.`);
        }
        const { alerts, truncatedAlerts } = parsed.data;
        return {
          kind: "alarms",
          arrivals: alerts.map((alert) => arrivalOf(alert, truncatedAlerts)),
        };
      },
    };
  },
});

/** The same alert in the same state is one delivery, so that repeated notifications add nothing. */
function arrivalOf(alert: Alert, truncated: number): Arrival {
  const fingerprint = digestOf("alertmanager", alert.fingerprint ?? sorted(alert.labels));
  const at = alert.status === "resolved" ? Date.parse(alert.endsAt) : Date.parse(alert.startsAt);
  const firedAt = Number.isNaN(at) ? Date.parse(alert.startsAt) : at;
  return {
    delivery: `alertmanager:${digestOf(fingerprint, alert.status, alert.startsAt, String(firedAt))}`,
    alarm: alarmOf(alert, { fingerprint, firedAt, truncated }),
  };
}

function alarmOf(
  alert: Alert,
  known: { fingerprint: string; firedAt: number; truncated: number },
): Alarm {
  const { labels, annotations } = alert;
  const said = known.truncated > 0 ? { truncatedAlerts: String(known.truncated) } : {};
  return {
    fingerprint: known.fingerprint,
    sender: "alertmanager",
    name: labels.alertname ?? "unnamed alert",
    service: serviceOf(labels),
    resource: labels.pod ?? labels.instance ?? null,
    metric: labels.metric ?? null,
    threshold: null,
    observed: numberOrNull(annotations.value),
    severity: labels.severity ?? null,
    state: alert.status,
    firedAt: known.firedAt,
    summary: annotations.summary ?? annotations.description ?? annotations.message ?? "",
    labels: { ...labels, ...said },
    link: URL.canParse(alert.generatorURL) ? alert.generatorURL : null,
    raw: alert,
  };
}

function numberOrNull(text: string | undefined): number | null {
  return text === undefined || text.trim() === "" || Number.isNaN(Number(text))
    ? null
    : Number(text);
}

function sorted(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
