import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What of a page to show: unrolled, its beginning or end, or all columns. */
export type Frame = "whole-thread" | "thread-start" | "thread-end" | "page";

/** Takes pictures of pages with the machine's own Chromium (CHROMIUM names another). */
export async function openCamera(folder: string) {
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: chromiumFlags,
  });
  const page = await browser.newPage({ viewport: { width: 1_360, height: 900 } });
  // A page that reloads itself while it is measured cannot be photographed.
  await page.route("**/changes", (route) => route.abort());
  return {
    /** The modal if one is open, else the part of the page that `frame` names. */
    async take(name: string, url: string, frame: Frame): Promise<void> {
      await page.setViewportSize({ width: 1_360, height: 640 });
      await page.goto(url, { waitUntil: "load" });
      const height = await page.evaluate(
        "((document.querySelector('.thread') ?? document.querySelector('.column'))?.scrollHeight ?? 0) + 8",
      );
      const modal = await page.$(".modal");
      const fits = frame === "whole-thread" || modal ? 2_600 : frame === "page" ? 1_100 : 760;
      await page.setViewportSize({ width: 1_360, height: Math.min(fits, Number(height)) });
      if (frame === "thread-end") {
        await page.evaluate(
          "for (const c of document.querySelectorAll('.column')) c.scrollTop = c.scrollHeight",
        );
      }
      const thread = frame === "page" ? null : await page.$(".column.thread");
      await (modal ?? thread ?? page).screenshot({ path: join(folder, `${name}.png`) });
    },
    close: () => browser.close(),
  };
}
