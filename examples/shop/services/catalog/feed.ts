import { query } from "../../lib/db.ts";

interface FeedPage {
  items: { sku: string; name: string; price_cents: number; blurb: string }[];
}

// Partners ask for the same few pages again and again, so pages are kept once built.
const pages = new Map<string, FeedPage>();

/** One page of the product feed for price-comparison partners, by its query string. */
export async function feedPage(search: string): Promise<FeedPage> {
  const known = pages.get(search);
  if (known) return known;
  const offset = Number(new URLSearchParams(search).get("cursor") ?? 0) % 400;
  const rows = await query<{ sku: string; name: string; price_cents: number }>(
    "SELECT sku, name, price_cents FROM products ORDER BY id LIMIT 200 OFFSET $1",
    [offset],
  );
  const page = { items: rows.map((row) => ({ ...row, blurb: blurb(row.name) })) };
  pages.set(search, page);
  return page;
}

function blurb(name: string): string {
  const words = ["sturdy", "light", "quiet", "handmade", "recycled", "foldable", "warm", "bright"];
  const picked = Array.from({ length: 48 }, (_, index) => words[(index * 5 + name.length) % 8]);
  return `${name}: ${picked.join(" ")} ${performance.now()}`;
}
