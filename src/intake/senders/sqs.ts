import { z } from "zod";
import { openText } from "../envelopes.ts";
import { defineSender, refused } from "../sender.ts";

const settingsSchema = z.strictObject({
  kind: z.literal("sqs"),
  /** A queue that an SNS topic or an EventBridge rule writes to. Its policy says who may. */
  queueUrl: z.url({ protocol: /^https?$/ }),
  region: z.string().optional(),
});

/** CloudWatch alarms from an SQS queue: SNS notifications, EventBridge events or bare alarms. */
export const sqs = defineSender({
  kind: "sqs",
  title: "CloudWatch alarms by polling an SQS queue",
  settings: settingsSchema,
  open({ queueUrl, region }) {
    return {
      path: null,
      queue: { url: queueUrl, region: region ?? null },
      receive: async ({ body }) => {
        const opened = openText(new TextDecoder().decode(body));
        const [fault] = opened.faults;
        if (fault) return refused(422, `The message of the queue is no alarm: ${fault}.`);
        if (opened.arrivals.length === 0) {
          return { kind: "handled", note: "INSUFFICIENT_DATA is no alarm." };
        }
        return { kind: "alarms", arrivals: opened.arrivals };
      },
    };
  },
});
