import { metrics } from "@opentelemetry/api";
import type { CartItem } from "../../lib/products.ts";

const activeForMs = 60_000;
const abandonedAfterMs = 90_000;

const lastSeen = new Map<string, number>();
const carts = new Map<string, { items: CartItem[]; touchedMs: number }>();

const meter = metrics.getMeter("shop.business");
const created = meter.createCounter("carts.created", { unit: "{cart}" });
const abandoned = meter.createCounter("carts.abandoned", { unit: "{cart}" });
created.add(0);
abandoned.add(0);
meter
  .createObservableGauge("users.active", { unit: "{user}" })
  .addCallback((result) => result.observe(countActive()));
setInterval(dropAbandoned, 5_000).unref();

export function seen(session: string): void {
  lastSeen.set(session, Date.now());
}

export function cartOf(session: string): CartItem[] {
  return carts.get(session)?.items ?? [];
}

/** Adds an item and returns how many the cart holds. */
export function addToCart(session: string, item: CartItem): number {
  if (!carts.has(session)) created.add(1);
  const items = [...cartOf(session), item];
  carts.set(session, { items, touchedMs: Date.now() });
  return items.length;
}

export function closeCart(session: string): void {
  carts.delete(session);
}

function countActive(): number {
  const since = Date.now() - activeForMs;
  for (const [session, at] of lastSeen) if (at < since) lastSeen.delete(session);
  return lastSeen.size;
}

function dropAbandoned(): void {
  const since = Date.now() - abandonedAfterMs;
  for (const [session, { touchedMs }] of carts) {
    if (touchedMs >= since) continue;
    carts.delete(session);
    abandoned.add(1);
  }
}
