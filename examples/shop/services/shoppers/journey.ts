import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

const categories = ["audio", "kitchen", "outdoor", "books", "toys", "office"];
const countries: readonly (readonly [country: string, share: number])[] = [
  ["DE", 0.36],
  ["FR", 0.21],
  ["US", 0.17],
  ["GB", 0.14],
  ["NL", 0.12],
];

// How long people wait for a page, and how often they press the button again.
const patienceMs = 6_000;
const checkoutTriesMax = 3;

/** One visit: browse, maybe a cart, maybe an order. Ends early when a page does not come. */
export async function journey(storefront: string, hunter: boolean): Promise<void> {
  const visit = new Visit(storefront);
  if (!hunter) {
    if (!(await visit.get("/"))) return;
    for (let pages = 1 + Math.floor(Math.random() * 2); pages > 0; pages -= 1) {
      await think();
      if (!(await visit.get(`/c/${pick(categories)}?page=${Math.floor(Math.random() * 2)}`)))
        return;
    }
  }
  const sku = hunter
    ? "SKU-0007"
    : `SKU-${String(Math.floor(Math.random() * 600)).padStart(4, "0")}`;
  await think();
  if (!(await visit.get(`/p/${sku}`))) return;
  if (Math.random() > (hunter ? 0.95 : 0.62)) return;
  await think();
  if (!(await visit.post("/cart", { sku, quantity: 1 }))) return;
  if (Math.random() > (hunter ? 0.95 : 0.8)) return;
  await think();
  for (let tries = 0; tries < checkoutTriesMax; tries += 1) {
    if (await visit.post("/checkout", {})) return;
    if (visit.lastStatus === 402 || Math.random() < 0.35) return;
    await pause(800 + Math.random() * 1_500);
  }
}

class Visit {
  lastStatus = 0;
  readonly #storefront: string;
  readonly #headers: Record<string, string>;

  constructor(storefront: string) {
    this.#storefront = storefront;
    this.#headers = {
      "content-type": "application/json",
      "x-session": randomUUID(),
      "x-country": weighted(countries),
    };
  }

  get(path: string): Promise<boolean> {
    return this.#send(path, { method: "GET" });
  }

  post(path: string, body: object): Promise<boolean> {
    return this.#send(path, { method: "POST", body: JSON.stringify(body) });
  }

  async #send(path: string, init: RequestInit): Promise<boolean> {
    try {
      const response = await fetch(`${this.#storefront}${path}`, {
        ...init,
        headers: this.#headers,
        signal: AbortSignal.timeout(patienceMs),
      });
      await response.arrayBuffer();
      this.lastStatus = response.status;
      return response.ok;
    } catch {
      this.lastStatus = 0;
      return false;
    }
  }
}

function think(): Promise<void> {
  return pause(400 + Math.random() * 2_600);
}

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)] as Item;
}

function weighted(items: readonly (readonly [string, number])[]): string {
  let left = Math.random();
  for (const [item, share] of items) {
    left -= share;
    if (left <= 0) return item;
  }
  return items[0]?.[0] ?? "";
}
