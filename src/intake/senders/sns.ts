import { z } from "zod";
import type { IncomingMessage } from "../../core/alarm-door.ts";
import { cloudWatchMessage } from "../cloudwatch-messages.ts";
import { defineSender, jsonOf, refused, type SenderTools, type Verdict } from "../sender.ts";
import { isSnsUrl, type SignedMessage, signatureChecker } from "../sns-signature.ts";

const minuteMs = 60_000;
/** How far ahead of ours the clock of SNS may seem. */
const aheadMaxMs = 5 * minuteMs;
const confirmationBytesMax = 65_536;

const settingsSchema = z.strictObject({
  kind: z.literal("sns"),
  /** Topics that may send. A message of any other is refused. */
  topics: z
    .array(z.string().regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w.-]+$/, "must be a topic's ARN"))
    .min(1),
  /** Whether a subscription that one of these topics asks for is confirmed. */
  confirmSubscriptions: z.boolean().default(true),
  /** Older messages are taken for repeats by somebody else and refused. */
  replayWindowMinutes: z.number().positive().max(1_440).default(60),
  /** `["2"]` refuses the older SHA-1 signatures. */
  signatureVersions: z
    .array(z.enum(["1", "2"]))
    .min(1)
    .default(["1", "2"]),
});
type Settings = z.infer<typeof settingsSchema>;

const messageSchema = z.looseObject({
  Type: z.enum(["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]),
  MessageId: z.string().min(1).max(200),
  TopicArn: z.string(),
  Message: z.string(),
  Timestamp: z.iso.datetime({ offset: true }),
  Subject: z.string().nullish(),
  Token: z.string().optional(),
  SubscribeURL: z.string().optional(),
  Signature: z.string().min(1),
  SignatureVersion: z.enum(["1", "2"]),
  SigningCertURL: z.string(),
});

/** CloudWatch alarms by SNS over HTTPS. */
export const sns = defineSender({
  kind: "sns",
  title: "CloudWatch alarms by SNS over HTTPS",
  settings: settingsSchema,
  open(settings, tools) {
    const check = signatureChecker(tools);
    return {
      path: "sns",
      receive: async (message) => {
        const parsed = messageSchema.safeParse(jsonOf(message.body));
        if (!parsed.success) return refused(400, "This is not a message of SNS.");
        const fault = faultBeforeSignature(parsed.data, message, settings, tools.clock.now());
        if (fault) return fault;
        const signature = await check(parsed.data);
        if (signature.kind === "forged")
          return refused(401, `Not signed by SNS: ${signature.reason}.`);
        if (signature.kind === "unknown") return { kind: "later", reason: signature.reason };
        if (parsed.data.Type === "Notification") return alarmsOf(parsed.data);
        return confirm(parsed.data, settings, tools);
      },
    };
  },
});

/** Everything that can be refused without fetching anything. */
function faultBeforeSignature(
  message: SignedMessage,
  { headers }: IncomingMessage,
  settings: Settings,
  now: number,
): Verdict | null {
  if (!settings.topics.includes(message.TopicArn)) {
    return refused(403, "The topic is not among the topics of this sender's settings.");
  }
  if (!settings.signatureVersions.includes(message.SignatureVersion)) {
    return refused(401, "This signature version is switched off; set it to 2 on the topic.");
  }
  const type = headers["x-amz-sns-message-type"];
  if (type !== undefined && type !== message.Type) {
    return refused(400, "The header and the message disagree about its type.");
  }
  const age = now - Date.parse(message.Timestamp);
  if (age > settings.replayWindowMinutes * minuteMs) {
    return refused(409, "The message is older than the replay window.");
  }
  return age < -aheadMaxMs
    ? refused(409, "The message comes from the future; check the clock.")
    : null;
}

function alarmsOf(message: SignedMessage): Verdict {
  const found = cloudWatchMessage(jsonOf(Buffer.from(message.Message)));
  if (found === null) return refused(422, "The message of the topic is not a CloudWatch alarm.");
  if ("fault" in found) return refused(400, `The alarm cannot be read: ${found.fault}.`);
  if (!found.arrival) return { kind: "handled", note: "INSUFFICIENT_DATA is no alarm." };
  const delivery = `sns:${message.TopicArn}:${message.MessageId}`;
  return { kind: "alarms", arrivals: [{ ...found.arrival, delivery }] };
}

/** Visits the address in the message: only one of SNS itself, for the topic that was checked. */
async function confirm(
  message: SignedMessage,
  settings: Settings,
  tools: SenderTools,
): Promise<Verdict> {
  if (message.Type === "UnsubscribeConfirmation") {
    return { kind: "handled", note: "The topic says that this endpoint was unsubscribed." };
  }
  if (!settings.confirmSubscriptions) {
    return refused(403, "Subscriptions are not confirmed: confirmSubscriptions is off.");
  }
  const address = message.SubscribeURL ?? "";
  const isOurs =
    isSnsUrl(address, message.TopicArn, /^\/$/) &&
    new URL(address).searchParams.get("Action") === "ConfirmSubscription" &&
    new URL(address).searchParams.get("TopicArn") === message.TopicArn;
  if (!isOurs) return refused(401, "The address to confirm at is not one of SNS for this topic.");
  try {
    await tools.fetchBytes(address, confirmationBytesMax);
    return { kind: "handled", note: "The subscription is confirmed." };
  } catch {
    return { kind: "later", reason: "the subscription could not be confirmed" };
  }
}
