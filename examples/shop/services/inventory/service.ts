import { query, transaction } from "../../lib/db.ts";
import { HttpError } from "../../lib/http.ts";
import { log } from "../../lib/log.ts";
import type { CartItem } from "../../lib/products.ts";
import { runService } from "../../lib/run-service.ts";
import { reconcileStock } from "./reconcile.ts";

await runService({
  "GET /stock": async ({ path }) => {
    const [row] = await query<{ quantity: number }>("SELECT quantity FROM stock WHERE sku = $1", [
      path[1],
    ]);
    if (!row) throw new HttpError(404, `no stock record for ${path[1]}`);
    return { available: row.quantity > 0, quantity: row.quantity };
  },
  "POST /reservations": async ({ body }) => {
    const { items } = body as { items: CartItem[] };
    await transaction(async (client) => {
      for (const { sku, quantity } of items) {
        const { rowCount } = await client.query(
          "UPDATE stock SET quantity = quantity - $2 WHERE sku = $1 AND quantity >= $2",
          [sku, quantity],
        );
        if (rowCount === 0) throw new HttpError(409, `${sku} is sold out`);
      }
    });
    return { reserved: items.length };
  },
  "POST /releases": async ({ body }) => {
    const { items } = body as { items: CartItem[] };
    for (const { sku, quantity } of items) {
      await query("UPDATE stock SET quantity = quantity + $2 WHERE sku = $1", [sku, quantity]);
    }
    log.info("reservation released", { items: items.length });
    return { released: items.length };
  },
  "POST /reconcile": async ({ body }) => {
    const { forMs } = body as { forMs: number };
    log.info("stock reconciliation started", { job: "stock-reconciliation" });
    reconcileStock(Date.now() + forMs);
    return { started: true };
  },
});
