/**
 * `node scripts/report-picture.ts` takes the picture at the top of the README: the first screenful
 * of the report page of a recorded incident, as `shodo serve` shows it.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { reportSchema } from "../src/core/report.ts";
import { chartCache, reportPage } from "../src/http/pages/report-page.ts";
import { sampleIncident } from "../src/store/testing/samples.ts";
import { chromiumFlags } from "./camera.ts";

const root = join(import.meta.dirname, "..");
const said = execFileSync(process.execPath, [join(root, "src/main.ts"), "demo", "1", "--json"], {
  stdio: ["ignore", "pipe", "ignore"],
  maxBuffer: 100_000_000,
});
const report = reportSchema.parse(JSON.parse(said.toString()));
const html = reportPage({
  incident: sampleIncident(report.id),
  report,
  charts: await chartCache()(report),
  principal: { id: "mika", name: "mika", role: "viewer", door: "http" },
  isForPaper: false,
});
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: [...chromiumFlags] });
const page = await browser.newPage({ viewport: { width: 1_200, height: 900 } });
await page.setContent(html);
await page.screenshot({ path: join(root, "docs/images/report.png") });
await browser.close();
