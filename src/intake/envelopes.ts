import { z } from "zod";
import type { Arrival } from "../core/intake.ts";
import { cloudWatchMessage } from "./cloudwatch-messages.ts";

/** Envelopes within envelopes that are opened: Lambda, then SQS, then SNS, then the alarm. */
const depthMax = 4;

const notificationSchema = z.looseObject({
  Type: z.literal("Notification"),
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
});
const recordsSchema = z.looseObject({
  Records: z.array(
    z.union([
      z.looseObject({ Sns: z.looseObject({ MessageId: z.string(), Message: z.string() }) }),
      z.looseObject({ messageId: z.string(), body: z.string() }),
    ]),
  ),
});

export interface Opened {
  readonly arrivals: readonly Arrival[];
  /** Messages that are states without an alarm. */
  readonly handled: number;
  /** One sentence for each part that could not be read. */
  readonly faults: readonly string[];
}

const nothing: Opened = { arrivals: [], handled: 0, faults: [] };

/**
 * The alarms in a message that AWS delivered to a queue or function of ours: bare, as an
 * EventBridge event, in an SNS notification, or in the records of a Lambda event. Who may send is
 * decided by the policy of the queue or function.
 */
export function openEnvelope(message: unknown, depth = 0): Opened {
  if (depth >= depthMax) return { ...nothing, faults: ["the message has too many envelopes"] };
  const notification = notificationSchema.safeParse(message);
  if (notification.success) {
    const { TopicArn, MessageId, Message } = notification.data;
    return withDelivery(openText(Message, depth), `sns:${TopicArn}:${MessageId}`);
  }
  const records = recordsSchema.safeParse(message);
  if (records.success)
    return joinOpened(records.data.Records.map((item) => openRecord(item, depth)));
  const found = cloudWatchMessage(message);
  if (found === null) return { ...nothing, faults: ["the message is not a CloudWatch alarm"] };
  if ("fault" in found) return { ...nothing, faults: [`the alarm cannot be read: ${found.fault}`] };
  return found.arrival ? { ...nothing, arrivals: [found.arrival] } : { ...nothing, handled: 1 };
}

/** A message as text; what is no JSON is a fault. */
export function openText(text: string, depth = 0): Opened {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { ...nothing, faults: ["the message is not JSON"] };
  }
  return openEnvelope(message, depth + 1);
}

type AwsRecord = z.infer<typeof recordsSchema>["Records"][number];

function openRecord(item: AwsRecord, depth: number): Opened {
  if ("Sns" in item) {
    const { MessageId, Message } = item.Sns as { MessageId: string; Message: string };
    return withDelivery(openText(Message, depth), `sns:${MessageId}`);
  }
  const { messageId, body } = item as { messageId: string; body: string };
  const opened = openText(body, depth);
  return opened.faults.length > 0
    ? { ...opened, faults: opened.faults.map((fault) => `${messageId}: ${fault}`) }
    : opened;
}

/** The envelope's id, which a repeated delivery repeats. */
function withDelivery(opened: Opened, delivery: string): Opened {
  return { ...opened, arrivals: opened.arrivals.map((arrival) => ({ ...arrival, delivery })) };
}

function joinOpened(parts: readonly Opened[]): Opened {
  return {
    arrivals: parts.flatMap((part) => part.arrivals),
    handled: parts.reduce((sum, part) => sum + part.handled, 0),
    faults: parts.flatMap((part) => part.faults),
  };
}
