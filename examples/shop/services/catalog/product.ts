import { query } from "../../lib/db.ts";
import type { ProductPage } from "../../lib/products.ts";

/** A product with its newest reviews; null when there is no such product. */
export async function product(sku: string): Promise<ProductPage | null> {
  const [found] = await query<Omit<ProductPage, "reviews"> & { id: number }>(
    "SELECT id, sku, name, category, price_cents FROM products WHERE sku = $1",
    [sku],
  );
  if (!found) return null;
  const reviews = await query<{ rating: number; body: string }>(
    "SELECT rating, body FROM reviews WHERE product_id = $1 ORDER BY id DESC LIMIT 5",
    [found.id],
  );
  return { ...found, reviews };
}
