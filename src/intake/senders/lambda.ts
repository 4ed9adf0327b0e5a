import { z } from "zod";
import { openText } from "../envelopes.ts";
import { hmacHex, isSameSecret } from "../secrets.ts";
import { defineSender, refused } from "../sender.ts";

const settingsSchema = z.strictObject({
  kind: z.literal("lambda"),
  /** Environment variable that holds the key which the function signs with. */
  secretFrom: z.string().min(1),
  /** Older messages are refused, so that one that was overheard cannot be sent again later. */
  toleranceSeconds: z.number().positive().max(86_400).default(300),
});

export const lambdaSignatureHeader = "x-shodo-signature-256";
export const lambdaTimeHeader = "x-shodo-timestamp";

/** What the function sends as its signature: over the time of sending, a dot, and the body. */
export function lambdaSignature(secret: string, time: string, body: string | Uint8Array): string {
  return `sha256=${hmacHex("sha256", secret, [`${time}.`, body])}`;
}

/**
 * CloudWatch alarms that a Lambda function of ours forwards as it got them; see `app/lambda.ts`.
 */
export const lambda = defineSender({
  kind: "lambda",
  title: "CloudWatch alarms by way of a Lambda function",
  settings: settingsSchema,
  open({ secretFrom, toleranceSeconds }, tools) {
    const secret = tools.secret(secretFrom);
    return {
      path: "lambda",
      receive: async ({ body, headers }) => {
        const time = headers[lambdaTimeHeader] ?? "";
        const given = headers[lambdaSignatureHeader] ?? "";
        if (!isSameSecret(given, lambdaSignature(secret, time, body))) {
          return refused(401, "The signature is missing or does not fit time and body.");
        }
        if (!(Math.abs(tools.clock.now() - Number(time)) <= toleranceSeconds * 1_000)) {
          return refused(409, "The time of sending is too far from now.");
        }
        const opened = openText(new TextDecoder().decode(body));
        const [fault] = opened.faults;
        if (fault && opened.arrivals.length === 0) {
          return refused(422, `The event of the function is no alarm: ${fault}.`);
        }
        if (opened.arrivals.length === 0) {
          return { kind: "handled", note: "INSUFFICIENT_DATA is no alarm." };
        }
        return { kind: "alarms", arrivals: opened.arrivals };
      },
    };
  },
});
