import { transaction } from "../../lib/db.ts";
import type { CartItem } from "../../lib/products.ts";

interface NewOrder {
  id: string;
  session: string;
  country: string;
  totalCents: number;
  items: CartItem[];
  prices: Record<string, number>;
}

/** Saves the order, its items and the job that confirms it, all or nothing. */
export async function saveOrder(order: NewOrder): Promise<void> {
  await transaction(async (client) => {
    await client.query(
      "INSERT INTO orders (id, session, country, total_cents) VALUES ($1, $2, $3, $4)",
      [order.id, order.session, order.country, order.totalCents],
    );
    await client.query(
      `INSERT INTO order_items (order_id, sku, quantity, price_cents)
       SELECT $1, * FROM unnest($2::text[], $3::int[], $4::int[])`,
      [
        order.id,
        order.items.map((item) => item.sku),
        order.items.map((item) => item.quantity),
        order.items.map((item) => order.prices[item.sku] ?? 0),
      ],
    );
    const payload = { order: order.id, country: order.country, totalCents: order.totalCents };
    await client.query("INSERT INTO jobs (kind, payload) VALUES ('confirmation', $1)", [
      JSON.stringify(payload),
    ]);
  });
}
