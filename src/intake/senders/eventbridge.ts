import { z } from "zod";
import { cloudWatchMessage } from "../cloudwatch-messages.ts";
import { isSameSecret } from "../secrets.ts";
import { defineSender, jsonOf, refused } from "../sender.ts";

const settingsSchema = z.strictObject({
  kind: z.literal("eventbridge"),
  /** Environment variable that holds the key which the connection of the API destination sends. */
  secretFrom: z.string().min(1),
  /** Header of that key. */
  header: z.string().toLowerCase().default("x-shodo-key"),
});

/** CloudWatch alarms by an EventBridge rule with an API destination. */
export const eventbridge = defineSender({
  kind: "eventbridge",
  title: "CloudWatch alarms by EventBridge API destination",
  settings: settingsSchema,
  open({ secretFrom, header }, tools) {
    const secret = tools.secret(secretFrom);
    return {
      path: "eventbridge",
      receive: async ({ body, headers }) => {
        if (!isSameSecret(headers[header] ?? "", secret)) {
          return refused(401, `The key in the header ${header} is missing or wrong.`);
        }
        const found = cloudWatchMessage(jsonOf(body));
        if (found === null)
          return refused(422, "The event is not a CloudWatch alarm state change.");
        if ("fault" in found) return refused(400, `The event cannot be read: ${found.fault}.`);
        if (!found.arrival) return { kind: "handled", note: "INSUFFICIENT_DATA is no alarm." };
        return { kind: "alarms", arrivals: [found.arrival] };
      },
    };
  },
});
