import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sourceDefinitions } from "../index.ts";

const sources = join(import.meta.dirname, "..");
const actions = sourceDefinitions
  .flatMap((definition) => definition.permissions)
  .filter((permission) => /^[a-z0-9-]+:\w+$/.test(permission));

it("writes the read-only policy from what the sources say they need", async () => {
  const policy = {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ShodoReads",
        Effect: "Allow",
        Action: [...new Set(actions)].sort(),
        Resource: "*",
      },
    ],
  };
  const file = "../../../infra/iam-policy.json";
  await expect(`${JSON.stringify(policy, null, 2)}\n`).toMatchFileSnapshot(file);
});

it("knows of every call of AWS that a source makes", () => {
  const files = globSync("**/*.ts", { cwd: sources }).filter(
    (file) => !/\.test\.ts$|^testing\/|^aws\/(sqs|client)\.ts$/.test(file),
  );
  const wrong = files.flatMap((file) => {
    const text = readFileSync(join(sources, file), "utf8");
    const called = [...text.matchAll(/new sdk\.(\w+)Command\(/g)].map((match) => match[1]);
    const named = [...text.matchAll(/\.call\(\s*"([\w-]+:\w+)"/g)].map((match) => match[1] ?? "");
    const bare = called.filter(
      (name = "") => !/^StopQuery/.test(name) && !named.some((n) => n.endsWith(`:${name}`)),
    );
    const missing = [...named, ...called.map((name) => `:${name}`)].filter(
      (name) => !actions.some((action) => action.endsWith(name)),
    );
    return [...bare, ...missing].map((name) => `${file}: ${name}`);
  });
  expect(wrong).toEqual([]);
  expect(files.length).toBeGreaterThan(40);
  expect(actions).toContain("logs:StopQuery");
});
