import { describe, expect, it } from "vitest";
import { coreName, namesService, plainName } from "./service-names.ts";

describe("the name of a service", () => {
  it.each([
    ["prod/orders", "orders"],
    ["orders.shop.svc.cluster.local", "orders"],
    ["com.example.orders", "orders"],
    ["shop:orders", "orders"],
    ["api.bank.example.com", "api.bank.example.com"],
    ["orders-v2", "orders-v2"],
  ])("%s is %s without its namespace", (service, plain) => {
    expect(plainName(service)).toBe(plain);
  });

  it("is heard in a text with and without its namespace, and never inside a word", () => {
    expect(namesService("call to orders failed", "prod/orders")).toBe(true);
    expect(namesService("call to prod/orders failed", "prod/orders")).toBe(true);
    expect(namesService("reorders failed", "prod/orders")).toBe(false);
  });

  it("has the same core in every spelling", () => {
    expect(coreName("prod/order-service")).toBe(coreName("OrderService"));
  });
});
