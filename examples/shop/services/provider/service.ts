/**
 * The payment provider: outside the system, so without our telemetry. Takes 100-1500 ms like the
 * real ones (log-normal, median 280), declines 6 % of cards, and can be told to fail.
 */
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

interface Trouble {
  /** Share of requests that fail. */
  failing: number;
  /** Share of the failing ones that hang instead of answering 503. */
  hanging: number;
}

let trouble: Trouble = { failing: 0, hanging: 0 };

process.on("message", (message: { trouble?: Trouble }) => {
  trouble = message.trouble ?? trouble;
});
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
process.on("SIGINT", () => undefined);

const server = createServer(async (request, response) => {
  request.resume();
  const answer = (status: number, body: object) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (Math.random() < trouble.failing) {
    if (Math.random() < trouble.hanging) return void (await pause(30_000));
    await pause(40 + Math.random() * 80);
    return void answer(503, { error: "service unavailable, incident NP-2291" });
  }
  await pause(Math.min(1_500, 280 * Math.exp(0.4 * gaussian())));
  if (Math.random() < 0.06) return void answer(402, { error: "declined" });
  answer(200, { authorization: `np_${Math.random().toString(36).slice(2, 12)}` });
});

server.listen(Number(process.env.SHOP_PORT), "127.0.0.1", () => process.send?.({ ready: true }));

function gaussian(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
