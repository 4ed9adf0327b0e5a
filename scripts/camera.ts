import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Takes pictures of pages with the machine's own Chromium (CHROMIUM names another). */
export async function openCamera(folder: string) {
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: flags,
  });
  const page = await browser.newPage({ viewport: { width: 1_360, height: 900 } });
  // A page that reloads itself while it is measured cannot be photographed.
  await page.route("**/changes", (route) => route.abort());
  return {
    /** The whole of the longest column, so that nothing hides below the fold. */
    async take(name: string, url: string): Promise<void> {
      await page.setViewportSize({ width: 1_360, height: 500 });
      await page.goto(url, { waitUntil: "load" });
      const height = await page.evaluate(
        "Math.max(500, ...[...document.querySelectorAll('.column,.inner')].map((c) => c.scrollHeight + 40))",
      );
      await page.setViewportSize({ width: 1_360, height: Math.min(2_600, Number(height)) });
      const modal = await page.$(".modal");
      const thread = modal ? null : await page.$(".column.thread");
      await (thread ?? page).screenshot({ path: join(folder, `${name}.png`) });
    },
    close: () => browser.close(),
  };
}
