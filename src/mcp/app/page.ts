import { packageText } from "../assets.ts";

/** In the order in which they need each other. */
const scripts = [
  "dom.js",
  "bridge.js",
  "charts.js",
  "timeline.js",
  "service-map.js",
  "evidence.js",
  "summary.js",
  "main.js",
] as const;

let page: string | null = null;

/**
 * The MCP App as one self-contained page: hosts load nothing else. The scripts are modules for
 * readers and linters; here they are put into one, without their imports and exports.
 */
export function investigationPage(): string {
  page ??= assemble();
  return page;
}

function assemble(): string {
  const text = (name: string) => packageText("src", "mcp", "app", name);
  const script = scripts.map((name) => unwrapped(text(name))).join("\n");
  return text("view.html")
    .replace("/*style*/", () => text("view.css"))
    .replace("/*script*/", () => `(() => {\n"use strict";\n${script}\n})();`);
}

function unwrapped(module: string): string {
  return module.replace(/^import [^;]*;\n/gm, "").replace(/^export /gm, "");
}
