import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { AlarmQueue } from "../../core/alarm-door.ts";

/** Limits of SQS itself: messages per read, seconds of a long poll. */
const messagesMax = 10;
const waitSeconds = 20;

export interface SqsOptions {
  readonly url: string;
  /** Region of the queue; worked out from its address, or from the environment, when null. */
  readonly region: string | null;
  /** Stands in for AWS in tests. */
  readonly endpoint?: string;
}

/** A queue of SQS, read by long polls. It needs `sqs:ReceiveMessage` and `sqs:DeleteMessage`. */
export function openSqsQueue(options: SqsOptions): AlarmQueue {
  const region = options.region ?? /^https:\/\/sqs\.([a-z0-9-]+)\./.exec(options.url)?.[1];
  const client = new SQSClient({
    ...(region ? { region } : {}),
    ...(options.endpoint ? { endpoint: options.endpoint } : {}),
  });
  return {
    name: `sqs:${options.url.split("/").at(-1)}`,
    receive: async (signal) => {
      const command = new ReceiveMessageCommand({
        QueueUrl: options.url,
        MaxNumberOfMessages: messagesMax,
        WaitTimeSeconds: waitSeconds,
      });
      const { Messages = [] } = await client.send(command, { abortSignal: signal });
      return Messages.map((message) => ({
        id: message.MessageId ?? "",
        receipt: message.ReceiptHandle ?? "",
        body: message.Body ?? "",
      }));
    },
    remove: async (receipts) => {
      const Entries = receipts.map((ReceiptHandle, n) => ({ Id: String(n), ReceiptHandle }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: options.url, Entries });
      const { Failed = [] } = await client.send(command);
      // What could not be deleted comes again, and is then known as a repeat.
      if (Failed.length === receipts.length) throw new Error("SQS deleted none of the messages");
    },
    close: () => client.destroy(),
  };
}
