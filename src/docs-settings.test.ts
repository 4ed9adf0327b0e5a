import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { packageRoot } from "./app/package-root.ts";
import { loadConfig } from "./config.ts";
import { sourceDefinitions } from "./sources/index.ts";

const folder = mkdtempSync(join(tmpdir(), "shodo-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every YAML example of the documentation, without the indent of the list it stands in. */
const examples = globSync(["README.md", "docs/**/*.md"], { cwd: packageRoot }).flatMap((file) => {
  const text = readFileSync(join(packageRoot, file), "utf8");
  return [...text.matchAll(/^( *)```yaml\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = "", body = ""], i) => {
      const lines = body.split("\n").map((line) => line.slice(indent.length));
      return { file, number: i + 1, yaml: lines.join("\n") };
    },
  );
});

it("finds the examples", () => {
  const files = new Set(examples.map(({ file }) => file));
  expect([...files]).toEqual(expect.arrayContaining(["README.md", "docs/aws.md"]));
});

it.each(examples)("has settings that load: $file, example $number", ({ file, number, yaml }) => {
  const path = join(folder, `${file.replaceAll("/", "-")}-${number}.yaml`);
  // What a reader puts in: hashes of his own, and secrets in variables.
  writeFileSync(path, yaml.replaceAll("sha256:…", `sha256:${"0".repeat(64)}`));
  const secrets = [...yaml.matchAll(/[sS]ecretFrom: (\w+)|[tT]okenFrom: (\w+)/g)];
  const environment = Object.fromEntries(secrets.map(([, a, b]) => [a ?? b, "x".repeat(40)]));
  const config = loadConfig({ file: path, cwd: folder, environment });
  for (const { kind, name: _, ...own } of config.sources) {
    const definition = sourceDefinitions.find((each) => each.kind === kind);
    expect(definition?.settings.safeParse(own).error?.issues ?? [], kind).toEqual([]);
  }
});
