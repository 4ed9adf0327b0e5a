import { z } from "zod";
import type { Alarm } from "../../core/alarm.ts";
import type { Clock } from "../../core/clock.ts";
import type { Arrival } from "../../core/intake.ts";
import { timeOf } from "../../core/window.ts";
import { valueAt } from "../json-path.ts";
import { digestOf, hmacHex, isSameSecret } from "../secrets.ts";
import { defineSender, jsonOf, refused, type Verdict } from "../sender.ts";

/** `alert.labels.service`, `items.0.name`; a text in quotes is taken as it is. */
const path = z.string().min(1).max(200);
const alarmsMax = 5_000;
/**
 * Without an id and a time of its own, the same message within this time is a repeated delivery.
 */
const sameDeliveryMs = 600_000;

const settingsSchema = z.strictObject({
  kind: z.literal("webhook"),
  /** Reached at `/alarms/webhook/<name>`. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, "may hold a-z, 0-9 and -"),
  /** Environment variable that holds the key of the HMAC. */
  secretFrom: z.string().min(1),
  signature: z
    .strictObject({
      header: z.string().toLowerCase().default("x-signature-256"),
      algorithm: z.enum(["sha256", "sha512"]).default("sha256"),
      /** What stands before the hexadecimal digest. */
      prefix: z.string().default("sha256="),
      /** Header with the time of sending; when set, `<time>.<body>` is what is signed. */
      timestampHeader: z.string().toLowerCase().optional(),
      toleranceSeconds: z.number().positive().default(300),
    })
    .prefault({}),
  /** Path of the list of alarms; absent when a message is one alarm. */
  list: path.optional(),
  fields: z.strictObject({
    name: path,
    state: path.optional(),
    fingerprint: path.optional(),
    delivery: path.optional(),
    service: path.optional(),
    resource: path.optional(),
    metric: path.optional(),
    threshold: path.optional(),
    observed: path.optional(),
    severity: path.optional(),
    firedAt: path.optional(),
    summary: path.optional(),
    link: path.optional(),
    labels: path.optional(),
  }),
  /** Values of `state` that mean that the alarm is over. */
  resolvedValues: z.array(z.string()).default(["resolved", "ok", "OK", "closed", "recovered"]),
});
type Settings = z.infer<typeof settingsSchema>;

/** Any system that can sign JSON, told by settings where things stand in it. */
export const webhook = defineSender({
  kind: "webhook",
  title: "Any webhook that signs JSON with HMAC",
  settings: settingsSchema,
  open(settings, tools) {
    const secret = tools.secret(settings.secretFrom);
    return {
      path: `webhook/${settings.name}`,
      receive: async ({ body, headers }) => {
        const fault = signatureFault({ body, headers, settings, secret, now: tools.clock.now() });
        if (fault) return fault;
        const message = jsonOf(body);
        if (message === undefined) return refused(400, "The body is not JSON in UTF-8.");
        const items = settings.list ? valueAt(message, settings.list) : [message];
        if (!Array.isArray(items)) return refused(400, "There is no list where `list` points.");
        if (items.length > alarmsMax) return refused(400, `More than ${alarmsMax} alarms at once.`);
        const arrivals = items.map((item) => arrivalOf(item, settings, tools.clock));
        const unnamed = arrivals.indexOf(null);
        if (unnamed >= 0)
          return refused(400, `Alarm ${unnamed + 1} has no text where \`name\` points.`);
        return { kind: "alarms", arrivals: arrivals.filter((arrival) => arrival !== null) };
      },
    };
  },
});

function signatureFault(check: {
  body: Uint8Array;
  headers: Readonly<Record<string, string>>;
  settings: Settings;
  secret: string;
  now: number;
}): Verdict | null {
  const { signature } = check.settings;
  const given = check.headers[signature.header];
  if (!given) return refused(401, `The header ${signature.header} is missing.`);
  const parts: (string | Uint8Array)[] = [check.body];
  if (signature.timestampHeader) {
    const sent = check.headers[signature.timestampHeader];
    if (!sent) return refused(401, `The header ${signature.timestampHeader} is missing.`);
    if (!(Math.abs(check.now - timeOf(sent)) <= signature.toleranceSeconds * 1_000)) {
      return refused(409, "The time of sending is too far from now.");
    }
    parts.unshift(`${sent}.`);
  }
  const expected = signature.prefix + hmacHex(signature.algorithm, check.secret, parts);
  return isSameSecret(given, expected)
    ? null
    : refused(401, "The signature does not fit the body.");
}

function arrivalOf(item: unknown, settings: Settings, clock: Clock): Arrival | null {
  const { fields } = settings;
  const textAt = (at: string | undefined) => (at ? textOf(valueAt(item, at)) : null);
  const name = textAt(fields.name);
  if (name === null || name === "") return null;
  const service = textAt(fields.service);
  const resource = textAt(fields.resource);
  const own = textAt(fields.fingerprint);
  const fingerprint = digestOf("webhook", settings.name, own ?? `${name}|${service}|${resource}`);
  const state = settings.resolvedValues.includes(textAt(fields.state) ?? "")
    ? "resolved"
    : "firing";
  const sent = timeOf(textAt(fields.firedAt) ?? "");
  const labels = fields.labels ? valueAt(item, fields.labels) : null;
  const alarm: Alarm = {
    fingerprint,
    sender: `webhook:${settings.name}`,
    name,
    service,
    resource,
    metric: textAt(fields.metric),
    threshold: numberOf(textAt(fields.threshold)),
    observed: numberOf(textAt(fields.observed)),
    severity: textAt(fields.severity),
    state,
    firedAt: Number.isNaN(sent) ? clock.now() : sent,
    summary: textAt(fields.summary) ?? "",
    labels: labelsOf(labels),
    link: textAt(fields.link),
    raw: item,
  };
  const moment = Number.isNaN(sent) ? String(Math.floor(clock.now() / sameDeliveryMs)) : "";
  const id = textAt(fields.delivery) ?? digestOf(JSON.stringify(item), moment);
  return { delivery: `webhook:${settings.name}:${id}:${state}`, alarm };
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

function numberOf(text: string | null): number | null {
  return text === null || text.trim() === "" || Number.isNaN(Number(text)) ? null : Number(text);
}

function labelsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const pairs = Object.entries(value).map(([key, item]) => [key, textOf(item)] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== null));
}
