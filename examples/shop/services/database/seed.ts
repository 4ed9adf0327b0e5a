import { query } from "../../lib/db.ts";

/** Creates and fills the shop's tables; mends those that an earlier run left broken. */
export async function seed(): Promise<void> {
  const [there] = await query<{ reviews: string | null }>(
    "SELECT to_regclass('reviews') AS reviews",
  );
  for (const statement of there?.reviews ? mending : creating) await query(statement);
}

const reviewsIndex = "CREATE INDEX IF NOT EXISTS reviews_product_id_idx ON reviews (product_id)";

// What recordings do to a database that outlives them.
const mending = [
  reviewsIndex,
  "DELETE FROM jobs WHERE status = 'waiting'",
  "UPDATE stock SET quantity = 100000",
];

const creating = [
  `CREATE TABLE products (id int PRIMARY KEY, sku text UNIQUE NOT NULL, name text NOT NULL,
     category text NOT NULL, price_cents int NOT NULL)`,
  `INSERT INTO products
     SELECT i, 'SKU-' || lpad(i::text, 4, '0'), initcap(c.category) || ' item ' || i, c.category,
            900 + (i * 7919) % 9000
       FROM generate_series(0, 599) i
       JOIN LATERAL (SELECT (ARRAY['audio','kitchen','outdoor','books','toys','office'])[1 + i % 6]
                     AS category) c ON true`,
  "CREATE INDEX products_category_idx ON products (category)",
  `CREATE TABLE reviews (id serial PRIMARY KEY, product_id int NOT NULL, rating int NOT NULL,
     body text NOT NULL)`,
  `INSERT INTO reviews (product_id, rating, body)
     SELECT (i * 7919) % 600, 1 + (i * 31) % 5, repeat('good value ', 6)
       FROM generate_series(1, 18000) i`,
  reviewsIndex,
  "CREATE TABLE stock (sku text PRIMARY KEY, quantity int NOT NULL)",
  "INSERT INTO stock SELECT sku, 100000 FROM products",
  `CREATE TABLE orders (id uuid PRIMARY KEY, session text NOT NULL, country text NOT NULL,
     total_cents int NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE order_items (order_id uuid NOT NULL, sku text NOT NULL, quantity int NOT NULL,
     price_cents int NOT NULL)`,
  `CREATE TABLE payments (id serial PRIMARY KEY, order_ref text NOT NULL, amount_cents int NOT NULL,
     status text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`,
  "CREATE INDEX payments_order_ref_idx ON payments (order_ref)",
  `CREATE TABLE jobs (id bigserial PRIMARY KEY, kind text NOT NULL, payload text NOT NULL,
     status text NOT NULL DEFAULT 'waiting', created_at timestamptz NOT NULL DEFAULT now())`,
  "CREATE INDEX jobs_waiting_idx ON jobs (id) WHERE status = 'waiting'",
  "ANALYZE",
];
