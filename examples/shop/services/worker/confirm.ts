import { log } from "../../lib/log.ts";

export interface Job {
  id: string;
  kind: string;
  payload: string;
}

/** Renders the confirmation mail of an order. Throws on a payload that is not one. */
export function confirm(job: Job): string {
  const payload = JSON.parse(job.payload) as { order: string; totalCents: number };
  const total = (payload.totalCents / 100).toFixed(2);
  log.info("confirmation sent", { order: payload.order, job: job.id });
  return `Thank you for your order ${payload.order}. Total: ${total} EUR.`;
}
