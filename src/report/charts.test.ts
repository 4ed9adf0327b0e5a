import { describe, expect, it } from "vitest";
import { buildReport } from "./build.ts";
import { renderChartSvgs, renderCharts } from "./charts.ts";
import { layoutMap } from "./map-layout.ts";
import * as inputs from "./testing/inputs.ts";

const pngMagic = [0x89, 0x50, 0x4e, 0x47];

describe("charts", () => {
  it("are drawn as SVG and PNG, with the moments and roles named", async () => {
    const charts = await renderCharts(buildReport(inputs.confirmed));
    expect(charts.map((chart) => chart.name)).toEqual(["signals", "service-map"]);
    for (const chart of charts) expect([...chart.png.slice(0, 4)]).toEqual(pngMagic);
    const [signals, map] = charts;
    for (const text of ["onset 12:14", "change 3f2a91c07b 12:06", "alarm 12:19", "E1", "normal"]) {
      expect(signals?.svg).toContain(text);
    }
    for (const text of ["checkout", "cause", "suffering"]) expect(map?.svg).toContain(text);
  });

  it("speak the report's language", async () => {
    const report = buildReport({ ...inputs.confirmed, language: "ja" });
    const [signals, map] = await renderChartSvgs(report, "dark");
    expect(signals?.svg).toContain("異常の始まり");
    expect(map?.svg).toContain("原因");
  });

  it("have glyphs for Japanese: text changes the picture", async () => {
    const { renderPng } = await import("./png.ts");
    const draw = (text: string) =>
      renderPng(
        `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><text x="5" y="20">${text}</text></svg>`,
      );
    const [blank, tofu, kanji] = await Promise.all([draw(""), draw("\u{10ffff}"), draw("障害")]);
    expect(Buffer.compare(kanji, blank)).not.toBe(0);
    expect(Buffer.compare(kanji, tofu)).not.toBe(0);
  });

  it("are left out when there is nothing to draw", async () => {
    expect(await renderChartSvgs(buildReport(inputs.unreadable))).toEqual([]);
  });

  it("escape hostile labels", async () => {
    const [item] = inputs.confirmed.evidence;
    const evil = "</text><script>alert(1)</script><image href='http://evil'/>";
    const chart = { title: evil, unit: evil, lines: item?.chart?.lines ?? [] };
    const edges = [{ from: evil, to: "b", kind: "http" }];
    const report = buildReport({
      ...inputs.confirmed,
      topology: edges,
      evidence: inputs.confirmed.evidence.map((one) => (one === item ? { ...one, chart } : one)),
    });
    for (const { svg } of await renderCharts(report)) {
      expect(svg).not.toContain("<script");
      expect(svg).not.toContain("<image");
    }
  });

  it("draw a cycle, and at most thirty services around the cause", async () => {
    const edges = Array.from({ length: 60 }, (_, i) => ({
      from: `s${i}`,
      to: `s${(i + 1) % 60}`,
      kind: "http",
    }));
    const report = buildReport({
      ...inputs.confirmed,
      topology: [...edges, { from: "s59", to: "checkout", kind: "http" }],
    });
    const layout = await layoutMap(report);
    expect(layout?.nodes).toHaveLength(30);
    expect(layout?.hidden).toBe(31);
    expect(layout?.nodes.map((node) => node.service)).toContain("checkout");
  });
});
