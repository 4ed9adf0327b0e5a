/**
 * Makes `shodo-<platform>.mcpb` for Claude Desktop: the packed package with its production
 * dependencies and the manifest. DuckDB's engine is native, so a bundle is for the platform it is
 * made on. Usage: node scripts/mcpb.ts [output folder]
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = join(import.meta.dirname, "..");
const output = resolve(process.argv[2] ?? root);
const stage = mkdtempSync(join(tmpdir(), "shodo-mcpb-"));
const server = join(stage, "server");
mkdirSync(server, { recursive: true });

const npm = (args: readonly string[], cwd: string) =>
  execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

const [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", stage], root)) as [
  { filename: string },
];
writeFileSync(join(server, "package.json"), '{ "name": "bundle", "private": true }\n');
const quiet = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"];
npm(["install", ...quiet, join(stage, packed.filename)], server);

const manifest = JSON.parse(readFileSync(join(root, "infra/mcpb/manifest.json"), "utf8"));
manifest.version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
manifest.compatibility.platforms = [process.platform];
writeFileSync(join(stage, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

const target = join(output, `shodo-${process.platform}-${process.arch}.mcpb`);
const mcpb = join(root, "infra/referees/packages/node_modules/@anthropic-ai/mcpb/dist/cli/cli.js");
writeFileSync(join(stage, ".mcpbignore"), "*.tgz\n*.map\n*.d.ts\n*.d.mts\n*.d.cts\n");
execFileSync(process.execPath, [mcpb, "pack", stage, target], { stdio: "inherit" });
console.log(`${target}: ${(statSync(target).size / 1e6).toFixed(0)} MB`);
