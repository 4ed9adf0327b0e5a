import type { ShopService } from "./system.ts";

/** A harmless change of the shop's code: `now` is in the file, `was` stood there before. */
export interface Commit {
  service: ShopService;
  title: string;
  author: string;
  file: string;
  was: string;
  now: string;
}

/** Recent work of the team. Every entry is undone for real when a recording deploys it later. */
export const history: readonly Commit[] = [
  {
    service: "catalog",
    title: "Show 48 products on a category page",
    author: "Mira Okafor",
    file: "services/catalog/listing.ts",
    was: "const productsPerPage = 36;",
    now: "const productsPerPage = 48;",
  },
  {
    service: "catalog",
    title: "Show five reviews on the product page",
    author: "Jonas Lind",
    file: "services/catalog/product.ts",
    was: "ORDER BY id DESC LIMIT 3",
    now: "ORDER BY id DESC LIMIT 5",
  },
  {
    service: "catalog",
    title: "Open the office category",
    author: "Mira Okafor",
    file: "services/catalog/service.ts",
    was: '"books", "toys"]',
    now: '"books", "toys", "office"]',
  },
  {
    service: "catalog",
    title: "Log how many products a listing had",
    author: "Priya Raman",
    file: "services/catalog/service.ts",
    was: "{ category });",
    now: "{ category, products: products.length });",
  },
  {
    service: "inventory",
    title: "Return the quantity with the stock check",
    author: "Tomas Vesely",
    file: "services/inventory/service.ts",
    was: "return { available: row.quantity > 0 };",
    now: "return { available: row.quantity > 0, quantity: row.quantity };",
  },
  {
    service: "inventory",
    title: "Log released reservations",
    author: "Tomas Vesely",
    file: "services/inventory/service.ts",
    was: "    return { released: items.length };",
    now: '    log.info("reservation released", { items: items.length });\n    return { released: items.length };',
  },
  {
    service: "inventory",
    title: "Name the product in sold-out answers",
    author: "Ana Duarte",
    file: "services/inventory/service.ts",
    was: 'new HttpError(409, "sold out")',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a file
    now: "new HttpError(409, `${sku} is sold out`)",
  },
  {
    service: "payment",
    title: "Name the order in authorization warnings",
    author: "Kenji Mori",
    file: "services/payment/charge.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a file
    was: "failed: ${reason}`);",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a file
    now: "failed: ${reason}`, { order: charge.order });",
  },
  {
    service: "payment",
    title: "Say that the card was declined",
    author: "Ana Duarte",
    file: "services/payment/service.ts",
    was: 'new HttpError(402, "declined")',
    now: 'new HttpError(402, "card declined")',
  },
  {
    service: "payment",
    title: "Show amount and status of a charge to support",
    author: "Kenji Mori",
    file: "services/payment/service.ts",
    was: "SELECT id, status FROM payments",
    now: "SELECT id, status, amount_cents FROM payments",
  },
  {
    service: "checkout",
    title: "Count turned-away orders under their own reason",
    author: "Lea Brandt",
    file: "services/checkout/service.ts",
    was: '  return "dependency";',
    now: '  if (error.status === 503) return "overloaded";\n  return "dependency";',
  },
  {
    service: "checkout",
    title: "Start the country counters at zero",
    author: "Lea Brandt",
    file: "services/checkout/kpis.ts",
    was: '["DE", "FR", "GB"]',
    now: '["DE", "FR", "GB", "NL", "US"]',
  },
  {
    service: "checkout",
    title: "Log the total of an order",
    author: "Sam Whitfield",
    file: "services/checkout/service.ts",
    was: "{ order: id, country });",
    now: "{ order: id, country, total_cents: total });",
  },
  {
    service: "checkout",
    title: "Do not tax Gibraltar",
    author: "Sam Whitfield",
    file: "services/checkout/tax.ts",
    was: "GB: { regions: { default: 0.2 } },",
    now: "GB: { regions: { default: 0.2, gibraltar: 0 } },",
  },
  {
    service: "worker",
    title: "Write totals with two decimals",
    author: "Nadia Haddad",
    file: "services/worker/confirm.ts",
    was: "(payload.totalCents / 100).toString()",
    now: "(payload.totalCents / 100).toFixed(2)",
  },
  {
    service: "worker",
    title: "Poll the queue every second",
    author: "Nadia Haddad",
    file: "services/worker/work.ts",
    was: "const idleMs = 2_000;",
    now: "const idleMs = 1_000;",
  },
  {
    service: "storefront",
    title: "Count a cart as abandoned after 90 seconds",
    author: "Jonas Lind",
    file: "services/storefront/sessions.ts",
    was: "const abandonedAfterMs = 120_000;",
    now: "const abandonedAfterMs = 90_000;",
  },
  {
    service: "storefront",
    title: "Log how long each page took",
    author: "Priya Raman",
    file: "services/storefront/timings.ts",
    was: "{ status });",
    now: "{ status, took_ms });",
  },
];

/** The commit with this title. Throws when there is none. */
export function commitNamed(title: string): Commit {
  const commit = history.find((entry) => entry.title === title);
  if (!commit) throw new Error(`no commit "${title}" in the shop's history`);
  return commit;
}
