import { query } from "../../lib/db.ts";
import type { ListedProduct } from "../../lib/products.ts";

const productsPerPage = 48;

/** One page of a category, each product with its rating and whether it can be bought now. */
export async function listing(category: string, page: number): Promise<ListedProduct[]> {
  return query<ListedProduct>(
    `SELECT p.sku, p.name, p.price_cents, r.rating, r.reviews, s.quantity > 0 AS available
       FROM products p
       JOIN stock s ON s.sku = p.sku
       LEFT JOIN LATERAL (
         SELECT avg(rating)::float AS rating, count(*)::int AS reviews
           FROM reviews WHERE product_id = p.id
       ) r ON true
      WHERE p.category = $1
      ORDER BY p.id
      LIMIT $2 OFFSET $3`,
    [category, productsPerPage, page * productsPerPage],
  );
}
