import { randomUUID } from "node:crypto";
import { trace } from "@opentelemetry/api";
import { call, HttpError } from "../../lib/http.ts";
import { log } from "../../lib/log.ts";
import type { CartItem } from "../../lib/products.ts";
import { runService } from "../../lib/run-service.ts";
import { orderFailed, orderPlaced } from "./kpis.ts";
import { saveOrder } from "./orders.ts";
import { withSlot } from "./slots.ts";
import { taxCents } from "./tax.ts";

interface Order {
  session: string;
  country: string;
  items: CartItem[];
}

await runService({
  "POST /orders": async ({ body }) => {
    const order = body as Order;
    trace.getActiveSpan()?.setAttribute("shop.country", order.country);
    try {
      return await withSlot(() => place(order));
    } catch (error) {
      orderFailed(order.country, reasonOf(error));
      throw error;
    }
  },
});

async function place({ session, country, items }: Order) {
  const id = randomUUID();
  const skus = items.map((item) => item.sku);
  const { prices } = await call<{ prices: Record<string, number> }>("catalog", "/prices", {
    body: { skus },
  });
  const net = items.reduce((sum, item) => sum + (prices[item.sku] ?? 0) * item.quantity, 0);
  const total = net + taxCents(net, country);
  await call("inventory", "/reservations", { body: { items } });
  try {
    await call("payment", "/charges", { body: { order: id, amountCents: total, country } });
  } catch (error) {
    await call("inventory", "/releases", { body: { items } });
    throw error;
  }
  await saveOrder({ id, session, country, totalCents: total, items, prices });
  orderPlaced(country, total);
  log.info("order placed", { order: id, country, total_cents: total });
  return { order: id, totalCents: total };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof HttpError)) return "internal";
  if (error.status === 402) return "declined";
  if (error.status === 409) return "sold-out";
  if (error.status === 503) return "overloaded";
  return "dependency";
}
