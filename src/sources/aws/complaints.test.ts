import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const page = readFileSync(join(import.meta.dirname, "../../../docs/aws.md"), "utf8");
const rows = [...page.matchAll(/^\| (.+) \| `([\w./-]+\.ts)`: (.+) \|$/gm)];

it("has a test of that name for every complaint in docs/aws.md", () => {
  const missing = rows
    .filter(([, , file, name]) => {
      const text = readFileSync(join(import.meta.dirname, "..", file ?? ""), "utf8");
      return !text.includes(JSON.stringify(name)) && !text.includes(`\`${name}\``);
    })
    .map(([, complaint, file, name]) => `${complaint}: ${file} has no "${name}"`);
  expect(missing).toEqual([]);
  expect(rows.length).toBeGreaterThan(25);
});
