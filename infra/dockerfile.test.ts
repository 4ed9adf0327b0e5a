import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";
import { serve } from "../src/cli/commands/serve.ts";
import { httpSettingsSchema } from "../src/core/http-settings.ts";
import { httpApp } from "../src/http/app.ts";
import { openHttp } from "../src/http/testing/open-http.ts";

const root = join(import.meta.dirname, "..");
const text = (file: string) => readFileSync(join(root, file), "utf8");
const lines = text("infra/Dockerfile").replaceAll("\\\n", "").split("\n");
const package_ = JSON.parse(text("package.json"));
const port = httpSettingsSchema.parse({}).port;

/** What follows an instruction, once per line that has it. */
const said = (instruction: string) =>
  lines.flatMap((line) => new RegExp(`^${instruction} +(.+)$`).exec(line)?.[1] ?? []);
const healthCheck: string[] = JSON.parse(said("HEALTHCHECK")[0]?.replace(/^.*CMD /, "") ?? "[]");

it("brings the Node.js that the project is tested with", () => {
  const images = said("FROM").map((image) => image.split(" ")[0]);
  expect(images).toEqual([`node:${package_.devDependencies.node}-slim`, images[0]]);
});

it("starts the package's own entry point, for others than this machine", () => {
  expect(JSON.parse(said("ENTRYPOINT")[0] ?? "")).toEqual(["node", `/app/${package_.bin.shodo}`]);
  expect(JSON.parse(said("CMD")[0] ?? "")).toEqual([serve.name, "--host", "0.0.0.0"]);
  expect(said("EXPOSE")).toEqual([String(port)]);
});

it("runs as nobody special, and writes to its volumes alone", () => {
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM")));
  expect(last).toContain("USER node");
  const home = /SHODO_HOME=(\S+)/.exec(said("ENV")[0] ?? "")?.[1];
  expect(JSON.parse(said("VOLUME")[0] ?? "")).toEqual([home, "/tmp"]);
  expect(said("RUN")).toContain(`install -d -o node -g node ${home}`);
});

it("is given everything that the package ships", () => {
  const ignored = text(".dockerignore")
    .split("\n")
    .filter((line) => !line.startsWith("#"));
  const built = ["dist"];
  const shipped: string[] = package_.files.filter((file: string) => !file.startsWith("!"));
  expect(shipped.filter((file) => ignored.includes(file))).toEqual(built);
  expect(["src", "tools", "scripts"].filter((folder) => ignored.includes(folder))).toEqual([]);
});

it("asks an address that is open to everybody whether it lives", async () => {
  const { parts } = await openHttp();
  const { app } = httpApp(parts);
  const url = /'(http[^']+)'/.exec(healthCheck.at(-1) ?? "")?.[1] ?? "";
  expect(new URL(url).port).toBe(String(port));
  expect((await app.request(new URL(url).pathname)).status).toBe(200);
});

it.each([
  [200, 0],
  [503, 1],
])("calls an answer of %i by exit code %i", async (status, code) => {
  const server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const actual = typeof address === "object" ? address?.port : null;
  const [, ...rest] = healthCheck.map((word) => word.replace(`:${port}/`, `:${actual}/`));
  const exit = await new Promise((resolve) =>
    execFile(process.execPath, rest).once("exit", resolve),
  );
  server.close();
  expect(exit).toBe(code);
});
