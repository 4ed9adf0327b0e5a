import { describe, expect, it } from "vitest";
import { edgesIn } from "./topology-shapes.ts";

const shopEdge = { from: "web", to: "cart", kind: "call" };

describe("call graphs of other shapes", () => {
  it.each([
    ["a list of edges by name", { edges: [{ from: "web", to: "cart" }] }],
    ["a bare list", [{ from: "web", to: "cart" }]],
    ["pairs", [["web", "cart"]]],
    ["sources and targets", { nodes: ["web", "cart"], links: [{ source: "web", target: "cart" }] }],
    [
      "places of nodes",
      { nodes: [{ name: "web" }, { name: "cart" }], links: [{ source: 0, target: 1 }] },
    ],
    [
      "ids of nodes",
      {
        nodes: [
          { id: 7, label: "web" },
          { id: "x", name: "cart" },
        ],
        edges: [{ source: 7, target: "x" }],
      },
    ],
    ["ends that are nodes", { links: [{ source: { id: "web" }, target: { id: "cart" } }] }],
    ["dependencies of Jaeger", [{ parent: "web", child: "cart", callCount: 3 }]],
    ["services with those they call", { web: ["cart"], cart: [] }],
  ])("reads %s", (_, value) => {
    expect(edgesIn(value)).toEqual({ edges: [shopEdge], bad: 0 });
  });

  it("counts the edges that lack an end", () => {
    const edges = [{ from: "web", to: "cart" }, { from: "web" }, ["web"], 5, { from: "", to: "a" }];
    expect(edgesIn({ edges })).toEqual({ edges: [shopEdge], bad: 4 });
  });

  it.each([["text"], [5], [null], [{}], [{ services: "web" }]])("finds no list in %j", (value) => {
    expect(edgesIn(value)).toBeNull();
  });
});
