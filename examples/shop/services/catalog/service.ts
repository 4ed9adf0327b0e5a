import { query } from "../../lib/db.ts";
import { HttpError } from "../../lib/http.ts";
import { log } from "../../lib/log.ts";
import { runService } from "../../lib/run-service.ts";
import { feedPage } from "./feed.ts";
import { listing } from "./listing.ts";
import { product } from "./product.ts";

const categories = ["audio", "kitchen", "outdoor", "books", "toys", "office"];

await runService({
  "GET /categories": async () => ({ categories }),
  "GET /listing": async ({ path, query: search }) => {
    const category = path[1] ?? "";
    if (!categories.includes(category)) throw new HttpError(404, `no category ${category}`);
    const products = await listing(category, Number(search.get("page") ?? 0));
    log.info(`listing ${category} rendered`, { category, products: products.length });
    return { products };
  },
  "GET /product": async ({ path }) => {
    const found = await product(path[1] ?? "");
    if (!found) throw new HttpError(404, `no product ${path[1]}`);
    return found;
  },
  "GET /feed": async ({ query: search }) => feedPage(search.toString()),
  "POST /prices": async ({ body }) => {
    const { skus } = body as { skus: string[] };
    const rows = await query<{ sku: string; price_cents: number }>(
      "SELECT sku, price_cents FROM products WHERE sku = ANY($1)",
      [skus],
    );
    return { prices: Object.fromEntries(rows.map((row) => [row.sku, row.price_cents])) };
  },
});
