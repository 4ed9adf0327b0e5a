import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openSqsQueue } from "./sqs.ts";

const calls: { target: string; body: Record<string, unknown> }[] = [];
/** Speaks the JSON protocol of SQS as far as the queue needs it. */
const server = createServer((request, response) => {
  let text = "";
  request.on("data", (chunk) => {
    text += chunk;
  });
  request.on("end", () => {
    const target = String(request.headers["x-amz-target"]);
    calls.push({ target, body: JSON.parse(text) as Record<string, unknown> });
    const answer = target.endsWith("ReceiveMessage")
      ? {
          Messages: [
            {
              MessageId: "m",
              ReceiptHandle: "r",
              Body: "{}",
              MD5OfBody: "99914b932bd37a50b983c5e7c90ae93b",
            },
          ],
        }
      : { Successful: [{ Id: "0" }] };
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.end(JSON.stringify(answer));
  });
});

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = "test";
  process.env.AWS_SECRET_ACCESS_KEY = "test";
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());

it("reads a queue by long polls and deletes what is done with", async () => {
  const { port } = server.address() as AddressInfo;
  const queue = openSqsQueue({
    url: "https://sqs.eu-west-1.amazonaws.com/123456789012/alarms",
    region: null,
    endpoint: `http://127.0.0.1:${port}`,
  });
  expect(queue.name).toBe("sqs:alarms");
  const messages = await queue.receive(new AbortController().signal);
  expect(messages).toEqual([{ id: "m", receipt: "r", body: "{}" }]);
  await queue.remove(["r"]);
  queue.close();
  expect(calls.map((call) => call.target)).toEqual([
    "AmazonSQS.ReceiveMessage",
    "AmazonSQS.DeleteMessageBatch",
  ]);
  expect(calls[0]?.body).toMatchObject({ WaitTimeSeconds: 20, MaxNumberOfMessages: 10 });
});
