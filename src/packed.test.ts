import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "shodo-packed-"));
const minutes = 60_000;

function shodo(...args: string[]): string {
  return execFileSync(process.execPath, [join("node_modules", ".bin", "shodo"), ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, SHODO_HOME: join(folder, "home") },
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** `npm pack`, installed into an empty folder: what a user of the registry gets. */
describe("the packed package", () => {
  beforeAll(() => {
    const pack = ["pack", "--silent", "--pack-destination", folder];
    const name = execFileSync("npm", pack, { cwd: root, encoding: "utf8" })
      .trim()
      .split("\n")
      .at(-1);
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    mkdirSync(join(folder, "home"));
    const install = ["install", "--no-audit", "--no-fund", "--prefer-offline", `./${name}`];
    execFileSync("npm", install, { cwd: folder, stdio: "ignore" });
  }, 8 * minutes);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("holds built JavaScript and types, and no TypeScript to run", () => {
    const installed = join(folder, "node_modules", "shodo");
    expect(existsSync(join(installed, "dist", "src", "main.js"))).toBe(true);
    expect(existsSync(join(installed, "dist", "src", "app.d.ts"))).toBe(true);
    const typescript = globSync("**/*.ts", { cwd: installed, exclude: ["node_modules"] });
    expect(typescript.filter((file) => !file.endsWith(".d.ts"))).toEqual([]);
    expect(existsSync(join(folder, "node_modules", "typescript"))).toBe(false);
  });

  it(
    "investigates its demo incident",
    () => {
      const report = JSON.parse(shodo("demo", "--json"));
      expect(report.status).toBe("complete");
      expect(report.rootCauses.length).toBeGreaterThan(0);
    },
    minutes,
  );

  it(
    "lists the recordings and the tools",
    () => {
      expect(shodo("demo", "--list").trim().split("\n").length).toBeGreaterThan(0);
      expect(shodo("tools")).toContain("rank_root_causes");
    },
    minutes,
  );
});
