import { describe, expect, it } from "vitest";
import { errorLog, observed, series } from "../testing/observed.ts";
import { aboutServices } from "./observers.ts";

const cart = series("cart", "cpu", () => 1);

describe("aboutServices", () => {
  it("hands an event to the service whose pod it names", () => {
    const event = errorLog("kubernetes-events", "Back-off pulling image for pod cart-6c9f7d-x2k");
    const { logPatterns } = aboutServices(observed({ series: [cart], logPatterns: [event] }));
    expect(logPatterns.map((each) => each.service)).toEqual(["cart"]);
  });

  it("leaves an event that names nobody where it is", () => {
    const event = errorLog("k8s-events", "Node pool-7 has condition MemoryPressure");
    const { logPatterns } = aboutServices(observed({ series: [cart], logPatterns: [event] }));
    expect(logPatterns.map((each) => each.service)).toEqual(["k8s-events"]);
  });

  it("hands an exporter's series to whom its labels name", () => {
    const restarts = {
      ...series("kube-state-metrics", "kube_pod_container_status_restarts_total", () => 2),
      resource: "container=server,pod=cart-6c9f7d-x2k,service=cart",
    };
    const found = aboutServices(observed({ series: [cart, restarts] }));
    expect(found.series.map((each) => each.service)).toEqual(["cart", "cart"]);
  });

  it("touches nothing where no feed speaks", () => {
    const plain = observed({ series: [cart], logPatterns: [errorLog("events-api", "boom")] });
    expect(aboutServices(plain)).toBe(plain);
  });
});
