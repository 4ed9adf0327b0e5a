import { query } from "../../lib/db.ts";
import type { ListedProduct } from "../../lib/products.ts";
import { product } from "../../services/catalog/product.ts";

const productsPerPage = 48;

/** One page of a category, each product with its rating and whether it can be bought now. */
export async function listing(category: string, page: number): Promise<ListedProduct[]> {
  const products = await query<{ id: number; sku: string }>(
    "SELECT id, sku FROM products WHERE category = $1 ORDER BY id LIMIT $2 OFFSET $3",
    [category, productsPerPage, page * productsPerPage],
  );
  const listed: ListedProduct[] = [];
  for (const { id, sku } of products) listed.push(...(await card(id, sku)));
  return listed;
}

/** Loads what the product card component needs, so that other pages can use the card as well. */
async function card(id: number, sku: string): Promise<ListedProduct[]> {
  const page = await product(sku);
  if (!page) return [];
  const [summary] = await query<{ rating: number | null; reviews: number }>(
    `SELECT avg(rating)::float AS rating, count(*)::int AS reviews
       FROM reviews WHERE product_id = $1`,
    [id],
  );
  const [stock] = await query<{ quantity: number }>("SELECT quantity FROM stock WHERE sku = $1", [
    sku,
  ]);
  return [
    {
      sku,
      name: page.name,
      price_cents: page.price_cents,
      rating: summary?.rating ?? null,
      reviews: summary?.reviews ?? 0,
      available: (stock?.quantity ?? 0) > 0,
    },
  ];
}
