import { metrics } from "@opentelemetry/api";
import { HttpError, type ShopRequest } from "../../lib/http.ts";
import { log } from "../../lib/log.ts";

const meter = metrics.getMeter("shop.storefront");
const durations = {
  browse: meter.createHistogram("storefront.browse.duration", { unit: "s" }),
  checkout: meter.createHistogram("storefront.checkout.duration", { unit: "s" }),
};

type Handler = (request: ShopRequest) => Promise<unknown>;

/** Measures what people wait for, apart for looking around and for buying, and logs each page. */
export function timed(step: keyof typeof durations, handler: Handler): Handler {
  return async (request) => {
    const startMs = performance.now();
    const finish = (status: number) => {
      const tookMs = performance.now() - startMs;
      const attributes = status >= 500 ? { "error.type": String(status) } : {};
      durations[step].record(tookMs / 1000, attributes);
      const took_ms = Math.round(tookMs);
      log.info(`${step} /${request.path[0] ?? ""} answered ${status}`, { status, took_ms });
    };
    try {
      const page = await handler(request);
      finish(200);
      return page;
    } catch (error) {
      finish(error instanceof HttpError ? error.status : 500);
      throw error;
    }
  };
}
