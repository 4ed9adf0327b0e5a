import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleReport } from "../slack/testing/sample-report.ts";
import { joined, sampleIncident, sampleStep } from "../store/testing/samples.ts";
import { type HttpServer, serveHttp } from "./serve.ts";
import { installedChromium, openBrowser } from "./testing/browser.ts";
import { openHttp } from "./testing/open-http.ts";
import {
  type AxeAnswer,
  axeRun,
  type Focus,
  faintTexts,
  focusable,
  focusNow,
  loadedFromElsewhere,
  namelessControls,
  pageWidth,
} from "./testing/page-checks.ts";

const chromium = installedChromium();
const paths = [
  "/",
  "/reports/inc_1",
  "/reports/inc_1/replay",
  "/reports/inc_1/replay/2",
  "/reports/inc_1/alarms",
  "/reports/inc_2",
  "/sign-in",
];

describe.skipIf(!chromium)("pages in Chromium", { timeout: 240_000 }, () => {
  let browser: Browser;
  let server: HttpServer;
  let faults: string[];

  beforeAll(async () => {
    const { parts, store } = await openHttp({ localRole: "responder", port: 0 });
    const alarms = [joined("latency", 4), joined("errors", 2)];
    await store.incidents.put(sampleIncident("inc_1", { alarms, investigation: "run_1" }));
    await store.incidents.put(
      sampleIncident("inc_2", { title: "注文が失敗する", state: "investigating", alarms }),
    );
    await store.steps.append(
      "run_1",
      [1, 2, 3].map((n) => sampleStep(n, `looked at ${n}`)),
    );
    await store.reports.put("inc_1", "run_1", sampleReport());
    server = await serveHttp(parts);
    browser = await openBrowser(chromium ?? "");
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function visit(
    path: string,
    options: { width?: number; colorScheme?: "light" | "dark"; locale?: string },
    look: (page: Page) => Promise<void>,
  ): Promise<void> {
    const { width = 1_280, colorScheme = "light", locale = "en-GB" } = options;
    const viewport = { width, height: 900 };
    const context = await browser.newContext({ viewport, colorScheme, locale });
    const page = await context.newPage();
    faults = [];
    page.on("console", (message) => faults.push(message.text()));
    page.on("pageerror", (error) => faults.push(error.message));
    await page.goto(server.url + path);
    await look(page);
    await context.close();
  }

  it("break no rule of their own policy, and ask nobody else for anything", async () => {
    for (const path of paths) {
      await visit(path, {}, async (page) => {
        expect([path, await page.evaluate(loadedFromElsewhere)]).toEqual([path, []]);
      });
      expect([path, faults]).toEqual([path, []]);
    }
  });

  it("fit a phone, in both colour schemes", async () => {
    for (const path of paths) {
      for (const colorScheme of ["light", "dark"] as const) {
        await visit(path, { width: 375, colorScheme }, async (page) => {
          const width = await page.evaluate(pageWidth);
          expect([path, colorScheme, width]).toEqual([path, colorScheme, 375]);
        });
      }
    }
  });

  it("can be read: text stands out from its ground by 4.5 to 1", async () => {
    for (const path of paths) {
      for (const colorScheme of ["light", "dark"] as const) {
        await visit(path, { colorScheme }, async (page) => {
          expect([path, colorScheme, await page.evaluate(faintTexts)]).toEqual([
            path,
            colorScheme,
            [],
          ]);
        });
      }
    }
  });

  it("pass every rule of WCAG 2.2 AA that axe can check, in both colour schemes", async () => {
    for (const path of paths) {
      for (const colorScheme of ["light", "dark"] as const) {
        await visit(path, { colorScheme }, async (page) => {
          await page.evaluate(axe.source);
          const { violations, passes } = (await page.evaluate(axeRun)) as AxeAnswer;
          expect([path, colorScheme, violations]).toEqual([path, colorScheme, []]);
          expect(passes).toBeGreaterThan(10);
        });
      }
    }
  });

  it("are found wanting by axe when something is", async () => {
    await visit("/", {}, async (page) => {
      await page.evaluate("document.querySelector('label').remove()");
      await page.evaluate(axe.source);
      const { violations } = (await page.evaluate(axeRun)) as AxeAnswer;
      expect(violations.join()).toContain("select-name");
    });
  });

  it("speak the reader's language, and lay out Japanese as well", async () => {
    for (const path of paths.filter((item) => item !== "/reports/inc_1")) {
      await visit(path, { locale: "ja-JP", width: 375 }, async (page) => {
        expect([path, await page.locator("html").getAttribute("lang")]).toEqual([path, "ja"]);
        expect([path, await page.evaluate(pageWidth)]).toEqual([path, 375]);
        await page.evaluate(axe.source);
        const { violations } = (await page.evaluate(axeRun)) as AxeAnswer;
        expect([path, violations]).toEqual([path, []]);
      });
    }
  });

  it("have a name for everything that can be used, and one heading of the first rank", async () => {
    for (const path of paths) {
      await visit(path, {}, async (page) => {
        const nameless = await page.evaluate(namelessControls);
        expect([path, nameless]).toEqual([path, []]);
        expect([path, await page.locator("h1").count()]).toEqual([path, 1]);
        expect(await page.locator("html").getAttribute("lang")).toBeTruthy();
      });
    }
  });

  it("reach everything with the Tab key, in the order it stands, with a ring around it", async () => {
    for (const path of paths) {
      await visit(path, {}, async (page) => {
        const all = (await page.evaluate(focusable)) as number;
        const walked: number[] = [];
        for (let n = 0; n < all; n += 1) {
          await page.keyboard.press("Tab");
          const { index, hasRing } = (await page.evaluate(focusNow)) as Focus;
          expect([path, index, hasRing]).toEqual([path, index, true]);
          walked.push(index);
        }
        expect([path, walked]).toEqual([path, walked.map((_, at) => at)]);
      });
    }
  });

  it("work with the keyboard alone", async () => {
    await visit("/", {}, async (page) => {
      await page.keyboard.press("Tab");
      const first = page.locator(":focus");
      expect(await first.textContent()).toBe("Skip to content");
      expect((await first.boundingBox())?.x).toBeGreaterThanOrEqual(0);
      for (let n = 0; n < 12; n += 1) {
        await page.keyboard.press("Tab");
        if ((await page.locator(":focus").getAttribute("href"))?.startsWith("/reports/")) break;
      }
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/reports\/inc_/);
    });
  });

  it("take an acknowledgement and feedback from a form", async () => {
    await visit("/reports/inc_1", {}, async (page) => {
      await page.getByLabel(/right or wrong/).fill("the cause was right");
      for (const name of ["Helpful", "Acknowledge"]) {
        const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
        await page.getByRole("button", { name, exact: true }).click();
        expect([name, (await answered).status()]).toEqual([name, 303]);
        await page.waitForLoadState("load");
      }
    });
    expect(faults).toEqual([]);
  });

  it("weigh little and print with everything open", async () => {
    await visit("/reports/inc_1/print", {}, async (page) => {
      const html = await page.content();
      const withoutPictures = html.replace(/data:image[^"]+/g, "");
      expect(withoutPictures.length).toBeLessThan(100_000);
      const closed = await page.locator("details:not([open])").count();
      expect(closed).toBe(0);
      const pdf = await page.pdf({ format: "A4" });
      expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
      expect(pdf.length).toBeGreaterThan(20_000);
    });
  });
});

if (!chromium) {
  const reason =
    "Chromium is not installed: the pages were not looked at (apt-get install chromium)";
  it.skipIf(!process.env.CI)("pages in Chromium", () => expect.fail(reason));
  if (!process.env.CI) process.stderr.write(`${reason}\n`);
}
