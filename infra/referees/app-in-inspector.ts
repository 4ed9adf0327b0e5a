import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Frame, type Page } from "playwright-core";
import type { Referee } from "./run.ts";
import { bin, environment, here, type Served, serve } from "./servers.ts";

const chromiumPath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const token = "referee-token-for-this-run-only";
const ports = { client: 6274, sandbox: 6275 };

/** The MCP App in the Inspector's web client, in a headless browser: a host that is not ours. */
export const appInInspector: Referee = async (report) => {
  if (!chromiumPath) {
    const isCi = process.env.CI === "true";
    report("the MCP App in the Inspector", !isCi, "no Chromium: not judged");
    return;
  }
  const server = await serve([join(here, "serve-double.ts")]);
  const inspector = spawn(process.execPath, [bin("mcp-inspector"), "--web"], {
    cwd: join(here, "packages"),
    stdio: "ignore",
    env: {
      ...environment,
      HOST: "127.0.0.1",
      CLIENT_PORT: String(ports.client),
      MCP_SANDBOX_PORT: String(ports.sandbox),
      MCP_AUTO_OPEN_ENABLED: "false",
      MCP_INSPECTOR_API_TOKEN: token,
    },
  });
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1_400, height: 1_000 } });
    await openApp(page, server);
    const view = await viewOf(page);
    const words = await view.locator("main").innerText();
    const isDrawn = words.includes("P1") && words.includes("Roll back d34db33f");
    report("the Inspector shows the MCP App", isDrawn, words.slice(0, 80).replaceAll("\n", " "));
    await view.locator("#E1 > button").click();
    const isOpened = (await view.locator("#E1 pre").allInnerTexts()).join().includes("SELECT");
    report("a finding shows its query", isOpened, "E1 was clicked");
    await view.getByRole("button", { name: "Refresh" }).click();
    await view.locator("main[data-drawn]").waitFor();
    report("the view asks the server through its host", true, "Refresh was clicked");
    if (process.env.SHODO_SHOT) await page.screenshot({ path: process.env.SHODO_SHOT });
  } catch (error) {
    report("the MCP App in the Inspector", false, String(error).slice(0, 600));
  } finally {
    await browser.close();
    inspector.kill();
    server.stop();
  }
};

async function openApp(page: Page, server: Served): Promise<void> {
  const query = new URLSearchParams({
    serverUrl: server.url,
    transport: "http",
    autoConnect: token,
    openApp: "show_investigation",
    appArgs: Buffer.from(JSON.stringify({ incident: "inc_0001" })).toString("base64url"),
    autoOpen: token,
  });
  const url = `http://127.0.0.1:${ports.client}/?${query}`;
  await reachable(`http://127.0.0.1:${ports.client}/`);
  await page.goto(url);
  const connected = '[data-testid="connection-status"][data-status="connected"]';
  await page.locator(connected).waitFor({ timeout: 60_000 });
  await page.locator('[data-app-status="ready"]').waitFor({ timeout: 60_000 });
}

async function reachable(url: string): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("the Inspector's web client did not start");
}

/** The innermost frame is the view; the ones around it are the host's sandbox. */
async function viewOf(page: Page): Promise<Frame> {
  for (let attempt = 0; attempt < 60; attempt++) {
    for (const frame of page.frames()) {
      const drawn = await frame
        .locator("main#view[data-drawn]")
        .count()
        .catch(() => 0);
      if (drawn > 0) return frame;
    }
    await page.waitForTimeout(500);
  }
  throw new Error("no frame drew the view");
}
