import { metrics } from "@opentelemetry/api";
import { HttpError } from "../../lib/http.ts";
import { log } from "../../lib/log.ts";
import { settings } from "../../lib/settings.ts";

// An order waits this long for a slot before it is turned away.
const waitMsMax = 2_000;

const waiting: (() => void)[] = [];
let busy = 0;

const meter = metrics.getMeter("shop.checkout");
meter
  .createObservableGauge("checkout.slots.utilization", { unit: "1" })
  .addCallback((result) => result.observe(busy / settings().checkoutSlots));
meter
  .createObservableGauge("checkout.slots.waiting", { unit: "{order}" })
  .addCallback((result) => result.observe(waiting.length));

/** Runs an order in one of the instance's slots: what one instance is sized for, and no more. */
export async function withSlot<Result>(work: () => Promise<Result>): Promise<Result> {
  if (busy >= settings().checkoutSlots) await freeSlot();
  else busy += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  }
}

function freeSlot(): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(start), 1);
      log.warn("order turned away, no free checkout slot", { waiting: waiting.length });
      fail(new HttpError(503, "no free checkout slot"));
    }, waitMsMax);
    const start = () => {
      clearTimeout(timer);
      done();
    };
    waiting.push(start);
  });
}
