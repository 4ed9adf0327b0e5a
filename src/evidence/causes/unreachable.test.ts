import { describe, expect, it } from "vitest";
import { errorLog, observed } from "../testing/observed.ts";
import { handDownSuspicion } from "./hand-down.ts";
import { symptomsOf } from "./symptoms.ts";
import { unreachableServices } from "./unreachable.ts";

const alarm = { service: "orders", metric: null, name: null, summary: null, firedAt: null };
const topology = [
  { from: "prod/orders", to: "prod/stock", kind: "http" },
  { from: "prod/orders", to: "bank", kind: "external" },
  { from: "prod/mail", to: "prod/db", kind: "database" },
];

function lost(...logPatterns: ReturnType<typeof errorLog>[]) {
  const observations = observed({ logPatterns, topology });
  return unreachableServices(observations, symptomsOf(observations, alarm));
}

describe("services that cannot be reached", () => {
  it("are those that callers cannot connect to, by their name without namespace too", () => {
    const found = lost(
      errorLog("prod/orders", "call to stock failed: connect: connection refused"),
      errorLog("prod/orders", "price missing for item 7"),
    );
    expect([...found.keys()]).toEqual(["prod/stock"]);
    expect(found.get("prod/stock")?.by.get("prod/orders")).toBe(0.5);
    expect(found.get("prod/stock")?.isRefused).toBe(true);
  });

  it("are no parties outside, and none whose name did not resolve", () => {
    expect(lost(errorLog("prod/orders", "call to bank: connection refused")).size).toBe(0);
    const dns = "call to stock failed: getaddrinfo EAI_AGAIN stock, connection failed";
    expect(lost(errorLog("prod/orders", dns)).size).toBe(0);
  });

  it("are stores without words of their own, when several callers complain of them", () => {
    const one = errorLog("prod/orders", "db: no space left on device");
    expect(lost(one).size).toBe(0);
    const two = errorLog("prod/mail", "write to db failed: no space left on device");
    expect([...lost(one, two).keys()]).toEqual(["prod/db"]);
  });

  it("take over the suspicion of their callers by the share of lines that name them", () => {
    const found = lost(errorLog("prod/orders", "stock: connection refused"));
    const moved = handDownSuspicion(new Map([["prod/orders", 0.8]]), found);
    expect(moved.get("prod/orders")).toBe(0);
    expect(moved.get("prod/stock")).toBe(0.8);
  });
});
