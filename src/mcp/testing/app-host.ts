import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where a Chromium is, or null. */
export function chromiumPath(): string | null {
  return places.find((path) => existsSync(path)) ?? null;
}

/** Headless, and cut off from everything but what the test serves. */
export function launchChromium(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}

export interface HostedView {
  readonly page: Page;
  /** Messages that the view sent, newest last. */
  sent(): Promise<readonly { readonly method?: string; readonly params?: unknown }[]>;
}

/**
 * A host of MCP Apps as small as can be: it shows `html` in a sandboxed frame, answers the
 * handshake and `tools/call`, and hands over `result` once the view is initialized.
 */
export async function hostView(
  browser: Browser,
  given: {
    readonly html: string;
    readonly result: unknown;
    readonly width: number;
    readonly theme: "light" | "dark";
    /** Answer to a `tools/call` of the view. */
    readonly called?: unknown;
  },
): Promise<HostedView> {
  const page = await browser.newPage({ viewport: { width: given.width, height: 900 } });
  await page.setContent('<body style="margin:0"><iframe sandbox="allow-scripts"></iframe></body>');
  const { html, result, theme, called } = given;
  await page.evaluate(`(${hostScript})(${JSON.stringify({ html, result, theme, called })})`);
  return {
    page,
    sent: () => page.evaluate("window.sent"),
  };
}

/** Runs in the browser, hence a text: this project's compiler knows no DOM. */
const hostScript = `({ html, result, theme, called }) => {
  const frame = document.querySelector("iframe");
  frame.style.cssText = "border:0;width:100%;height:900px";
  window.sent = [];
  const post = (message) => frame.contentWindow.postMessage({ jsonrpc: "2.0", ...message }, "*");
  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow) return;
    const { id, method, params } = event.data;
    window.sent.push({ method, params });
    if (method === "ui/initialize") {
      const hostCapabilities = { serverTools: {}, openLinks: {} };
      post({ id, result: { hostCapabilities, hostContext: { theme } } });
    } else if (method === "ui/notifications/initialized") {
      post({ method: "ui/notifications/tool-result", params: result });
    } else if (method === "ui/notifications/size-changed" && params.height) {
      frame.style.height = params.height + "px";
    } else if (method === "tools/call") {
      post({ id, result: called ?? result });
    } else if (id !== undefined) {
      post({ id, result: {} });
    }
  });
  frame.srcdoc = html;
}`;
