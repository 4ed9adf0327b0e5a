import type { Browser, FrameLocator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../core/report.ts";
import { stdioCaller } from "../caller.ts";
import { viewKey, viewOf } from "../investigation/view.ts";
import { chromiumPath, type HostedView, hostView, launchChromium } from "../testing/app-host.ts";
import { fakeEvidence, fakeIncident } from "../testing/fake-analyst.ts";
import { fakeReport } from "../testing/fake-report.ts";
import { investigationPage } from "./page.ts";

const path = chromiumPath();
if (path === null && process.env.CI === "true") throw new Error("no Chromium for the view's tests");
if (path === null) process.stderr.write("skipped: no Chromium to show the MCP App in\n");

const clock = { now: () => Date.parse("2026-03-01T10:00:00Z") };
const incident = fakeIncident(
  "inc_1",
  { question: "Checkout is slow", service: "checkout", principal: stdioCaller },
  clock,
);

function resultOf(report: Report | null) {
  const steps = [
    {
      kind: "evidence-added" as const,
      evidence: fakeEvidence("E1", "p95 rose"),
      number: 1,
      at: 0,
      usage: {
        modelCalls: 0,
        inputTokens: 0,
        outputTokens: 0,
        costUsd: 0,
        toolCalls: 2,
        bytesScanned: 0,
        seconds: 1,
      },
    },
  ];
  const state = { ...incident, state: report ? ("reported" as const) : incident.state };
  return {
    content: [],
    structuredContent: { kind: "data", incident: "inc_1" },
    _meta: { [viewKey]: viewOf(state, report, steps, { demos: [] }) },
  };
}

describe.skipIf(path === null)("the investigation view in a browser", () => {
  let browser: Browser;
  const hosted: HostedView[] = [];
  beforeAll(async () => {
    browser = await launchChromium(path ?? "");
  });
  afterAll(() => browser.close());

  async function show(change: Partial<Parameters<typeof hostView>[1]> = {}) {
    const view = await hostView(browser, {
      html: investigationPage(),
      result: resultOf(fakeReport()),
      width: 1_000,
      theme: "light",
      ...change,
    });
    hosted.push(view);
    const frame = view.page.frameLocator("iframe");
    await frame.locator("main[data-drawn]").waitFor();
    return { ...view, frame };
  }

  it.each([320, 480, 768, 1_200])("fits %i px without scrolling sideways", async (width) => {
    const { frame } = await show({ width });
    const overflow = await frame.locator("html").evaluate((html) => {
      const size = html as unknown as { scrollWidth: number; clientWidth: number };
      return size.scrollWidth - size.clientWidth;
    });
    expect(overflow).toBeLessThanOrEqual(0);
    const shown = await textOf(frame);
    for (const part of ["P1", "82%", "Roll back d34db33f", "payment latency is normal"]) {
      expect(shown).toContain(part);
    }
  });

  it("is light or dark as its host says", async () => {
    const background = async (theme: "light" | "dark") => {
      const { frame } = await show({ theme });
      return frame.locator("body").evaluate((body) => {
        const { getComputedStyle } = globalThis as unknown as {
          getComputedStyle(element: unknown): { backgroundColor: string };
        };
        return getComputedStyle(body).backgroundColor;
      });
    };
    expect(await background("light")).toBe("rgb(255, 255, 255)");
    expect(await background("dark")).toBe("rgb(22, 24, 29)");
  });

  it("shows the query and the quote of a finding that is clicked", async () => {
    const { frame } = await show();
    expect(await textOf(frame)).not.toContain("SELECT timestamp");
    await frame.locator("#E1 > button").click();
    expect(await textOf(frame)).toContain("FROM metrics WHERE service = 'checkout'");
    expect(await textOf(frame)).toContain("ERROR pool timeout after 30s");
  });

  it("reads values under the pointer, zooms by dragging, and comes back", async () => {
    const { frame, page } = await show();
    const chart = frame.locator(".chart svg").first();
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    if (!box) throw new Error("no chart");
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.75, y);
    expect(await frame.locator("#tip").innerText()).toMatch(/^\d\d:\d\d UTC\np95: [\d.]+ s/);
    const before = await chart.locator("text").allTextContents();
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, y, { steps: 4 });
    await page.mouse.up();
    const zoomed = await frame.locator(".chart svg").first().locator("text").allTextContents();
    expect(zoomed).not.toEqual(before);
    await frame.getByRole("button", { name: "Whole time range" }).click();
    const back = await frame.locator(".chart svg").first().locator("text").allTextContents();
    expect(back).toEqual(before);
  });

  it("filters evidence by the service that is chosen in the map, by keyboard too", async () => {
    const { frame } = await show();
    const node = frame.getByRole("button", { name: "payment: no sign of trouble" });
    await node.focus();
    await node.press("Enter");
    expect(await frame.locator("li.item[id]").allInnerTexts()).toEqual([
      expect.stringContaining("payment latency is normal"),
    ]);
  });

  it("asks the server again on Refresh, and while an investigation still runs", async () => {
    const { frame, sent } = await show({
      result: resultOf(null),
      called: resultOf(fakeReport()),
    });
    expect(await textOf(frame)).toContain("p95 rose");
    await frame.getByRole("button", { name: "Refresh" }).click();
    await frame.getByText("Roll back d34db33f").waitFor();
    const calls = (await sent()).filter((message) => message.method === "tools/call");
    expect(calls[0]?.params).toEqual({
      name: "show_investigation",
      arguments: { incident: "inc_1" },
    });
  });

  it("says so when there is nothing to show", async () => {
    const failed = {
      isError: true,
      content: [],
      structuredContent: { kind: "failed", message: "There is no such incident.", next: "Look." },
    };
    const { frame } = await show({ result: failed });
    expect(await textOf(frame)).toContain("There is no such incident.");
  });

  it("shows telemetry as text, runs none of it and loads nothing", async () => {
    const attack = `<img src=x onerror="parent.postMessage({hacked:1},'*')"><script>hacked=1</script>`;
    const report = fakeReport();
    const evidence = report.evidence.map((item) => ({
      ...item,
      statement: attack,
      quote: attack,
      service: attack,
      provenance: item.provenance.map((p) => ({ ...p, link: "javascript:alert(1)" })),
    }));
    const { frame, page } = await show({
      result: resultOf({ ...report, title: attack, summary: attack, evidence }),
    });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await frame.locator("#E1 > button").click();
    expect(await frame.locator("img, script[src], a").count()).toBe(0);
    expect(
      await frame.locator("html").evaluate(() => typeof (globalThis as { hacked?: number }).hacked),
    ).toBe("undefined");
    expect(await frame.getByRole("button", { name: "Open in console" }).count()).toBe(0);
    expect(asked).toEqual([]);
  });

  it("tells no loss that is normal variation, draws a chart once, and says what is recorded", async () => {
    const report = fakeReport();
    const [loss] = report.impact.business;
    const [first] = report.evidence;
    if (!loss || !first) throw new Error("the report of the tests has both");
    const business = [loss, { ...loss, kpi: "visits", lost: 5, lostInterval: [-9, 19] as const }];
    const impact = { ...report.impact, business } as typeof report.impact;
    const evidence = [...report.evidence, { ...first, id: "E9" }];
    const result = resultOf({ ...report, impact, evidence });
    const meta = result._meta[viewKey] as Record<string, unknown>;
    meta.recorded_demo = "pool: recorded data, no live system";
    const { frame } = await show({ result });
    const text = await textOf(frame);
    expect(text).toContain("orders: 830 orders instead of 1200 (370 lost");
    expect(text).toContain("As expected: visits");
    expect(text).not.toContain("visits: ");
    expect(text).toContain("Demo pool: recorded data, no live system");
    expect(await frame.locator(".chart").count()).toBe(2);
  });

  it("stays quick and small with a huge report", async () => {
    const report = fakeReport();
    const [first] = report.evidence;
    if (!first) throw new Error("no evidence");
    const values = Array.from({ length: 20_000 }, (_, i) => Math.sin(i / 50));
    const lines = [{ label: "a", times: values.map((_, i) => i * 1_000), values }];
    const evidence = Array.from({ length: 500 }, (_, i) => ({
      ...first,
      id: `E${i + 1}`,
      chart: { title: `chart ${i}`, unit: null, lines },
    }));
    const result = resultOf({ ...report, evidence });
    expect(JSON.stringify(result._meta).length).toBeLessThan(600_000);
    const { frame } = await show({ result });
    expect(await frame.locator(".chart").count()).toBe(12);
  });
});

describe("the investigation page", () => {
  it("is one file that refers to no other", () => {
    const page = investigationPage();
    expect(page).not.toMatch(/\b(src|href)=|@import|url\(|^import |^export /m);
    expect(page.match(/https?:\/\/[^"'\s]+/g)).toEqual(["http://www.w3.org/2000/svg"]);
    expect(page.length).toBeLessThan(60_000);
  });
});

function textOf(frame: FrameLocator): Promise<string> {
  return frame.locator("main").innerText();
}
