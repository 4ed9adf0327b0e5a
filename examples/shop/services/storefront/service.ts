import { trace } from "@opentelemetry/api";
import { call, HttpError, type ShopRequest } from "../../lib/http.ts";
import { log } from "../../lib/log.ts";
import type { ProductPage } from "../../lib/products.ts";
import { runService } from "../../lib/run-service.ts";
import { addToCart, cartOf, closeCart, seen } from "./sessions.ts";
import { timed } from "./timings.ts";

await runService({
  "GET /": timed("browse", async (request) => {
    visitor(request);
    return call("catalog", "/categories");
  }),
  "GET /c": timed("browse", async (request) => {
    visitor(request);
    const page = request.query.get("page") ?? "0";
    return call("catalog", `/listing/${request.path[1]}?page=${page}`);
  }),
  "GET /p": timed("browse", async (request) => {
    visitor(request);
    const sku = request.path[1] ?? "";
    const [product, stock] = await Promise.all([
      call<ProductPage>("catalog", `/product/${sku}`),
      call<{ available: boolean }>("inventory", `/stock/${sku}`),
    ]);
    return { ...product, available: stock.available };
  }),
  "GET /feed": async (request) => call("catalog", `/feed?${request.query}`),
  "POST /cart": async (request) => {
    const { session } = visitor(request);
    const { sku, quantity } = request.body as { sku: string; quantity: number };
    await call("inventory", `/stock/${sku}`);
    return { items: addToCart(session, { sku, quantity }) };
  },
  "POST /checkout": timed("checkout", async (request) => {
    const { session, country } = visitor(request);
    const items = cartOf(session);
    if (items.length === 0) throw new HttpError(400, "the cart is empty");
    const body = { session, country, items };
    try {
      const placed = await call<{ order: string }>("checkout", "/orders", { body });
      closeCart(session);
      return placed;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn(`checkout not completed: ${reason}`, { country });
      throw error;
    }
  }),
});

function visitor({ headers }: ShopRequest): { session: string; country: string } {
  const session = String(headers["x-session"] ?? "anonymous");
  const country = String(headers["x-country"] ?? "DE");
  seen(session);
  trace.getActiveSpan()?.setAttribute("shop.country", country);
  return { session, country };
}
