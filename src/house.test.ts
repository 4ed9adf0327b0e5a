import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";

/** DESIGN section 4 as data: what each part may import from the others. */
const table: Record<string, readonly string[]> = {
  core: [],
  platform: ["core"],
  evidence: ["core"],
  priority: ["core"],
  tools: ["core", "evidence", "priority"],
  sources: ["core", "platform"],
  intake: ["core", "platform"],
  store: ["core"],
  work: ["core", "platform"],
  agent: ["core"],
  report: ["core", "priority"],
  investigate: ["core", "evidence", "priority", "agent", "report"],
  slack: ["core", "report"],
  mcp: ["core", "report"],
  http: ["core", "report"],
  cli: ["core", "report"],
  eval: ["core", "report"],
  config: ["core", "sources", "intake"],
};

/** One vendor, one folder. */
const vendors: readonly (readonly [name: RegExp, parts: readonly string[]])[] = [
  [/^@aws-sdk\//, ["sources"]],
  [/^@duckdb\//, ["sources"]],
  [/^node:sqlite$/, ["store"]],
  [/^pg$/, ["store"]],
  [/^(langchain|@langchain\/.*|openai)(\/|$)/, ["agent"]],
  [/^@slack\//, ["slack"]],
  [/^@modelcontextprotocol\//, ["mcp"]],
  [/^(@resvg\/|vega$|@dagrejs\/|@expo-google-fonts\/)/, ["report"]],
  [/^hono(\/|$)|^@hono\//, ["http"]],
  [/^commander$/, ["cli"]],
];

/** Files that may see everything. */
const composition = ["app", "main"];

/** Files over the budget of 300 lines, each with its reason. Empty is best. */
const overBudget: Record<string, string> = {};

const root = join(import.meta.dirname, "..");
const files = globSync(["src/**/*.ts", "tools/**/*.ts"], { cwd: root }).filter(
  (file) => !file.endsWith(".d.ts"),
);
const productFiles = files.filter((file) => !isTest(file));
const read = (file: string) => readFileSync(join(root, file), "utf8");

function isTest(file: string): boolean {
  return file.endsWith(".test.ts") || file.includes("__fixtures__") || file.includes("/testing/");
}

/**
 * The part of the house a file belongs to: its folder under src/, `tools`, or its own name, where
 * `investigate-….ts` is a part of `investigate.ts`.
 */
function partOf(file: string): string {
  const [top = "", second = ""] = file.split("/");
  return top === "src" ? second.replace(/(?<=^investigate)-.*|\.ts$/g, "") : top;
}

/** Import targets, static and lazy alike; type imports count, since a type is a dependency too. */
function importsOf(file: string): string[] {
  const text = read(file);
  const pattern = /(?:from\s+|import\s*\(\s*|^import\s+)["']([^"']+)["']/gm;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "");
}

describe("the house", () => {
  it("has files to look at", () => {
    expect(productFiles.length).toBeGreaterThan(20);
    expect(productFiles.flatMap(importsOf).length).toBeGreaterThan(20);
  });

  it("lets arrows go down only", () => {
    const wrong: string[] = [];
    for (const file of productFiles) {
      const from = partOf(file);
      if (composition.includes(from)) continue;
      for (const target of importsOf(file).filter((name) => name.startsWith("."))) {
        const path = relative(root, normalize(join(root, dirname(file), target)));
        const to = partOf(path);
        if (to !== from && !(table[from] ?? []).includes(to)) wrong.push(`${file} -> ${path}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("keeps each vendor in its folder", () => {
    const wrong: string[] = [];
    for (const file of productFiles) {
      for (const target of importsOf(file)) {
        const wall = vendors.find(([pattern]) => pattern.test(target));
        if (wall && !wall[1].includes(partOf(file))) wrong.push(`${file} -> ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("knows every part that exists", () => {
    const parts = new Set(productFiles.map(partOf));
    const known = [...Object.keys(table), ...composition];
    expect([...parts].filter((part) => !known.includes(part))).toEqual([]);
  });

  it("keeps files under 300 lines, those of test doubles as well", () => {
    const long = files
      .filter((file) => !isTest(file) || file.includes("/testing/"))
      .map((file) => [file, read(file).split("\n").length - 1] as const)
      .filter(([file, lines]) => lines > 300 && !(file in overBudget))
      .map(([file, lines]) => `${file}: ${lines}`);
    expect(long).toEqual([]);
  });

  it("reads clock, randomness and environment only where allowed", () => {
    const rules: readonly (readonly [RegExp, readonly string[]])[] = [
      [/\bDate\.now\(\)|new Date\(\)/, ["platform"]],
      [/Math\.random\(\)|randomUUID\(|randomBytes\(/, ["platform"]],
      [/process\.env\b/, ["config", "main"]],
      [/process\.exit\(/, ["main"]],
    ];
    const wrong = productFiles.flatMap((file) => {
      const text = read(file);
      return rules
        .filter(([pattern, parts]) => pattern.test(text) && !parts.includes(partOf(file)))
        .map(([pattern]) => `${file}: ${pattern.source}`);
    });
    expect(wrong).toEqual([]);
  });

  it("names files after what they hold", () => {
    const vague = /(?:^|[/-])(?:utils?|helpers?|managers?|misc|common|shared)(?:\.|-|\/)/;
    const wrong = files.filter((file) => vague.test(file));
    expect(wrong).toEqual([]);
  });

  it("leaves nothing to be done later", () => {
    const left = productFiles.filter((file) => /\b(?:TODO|FIXME|XXX)\b/.test(read(file)));
    expect(left).toEqual([]);
  });

  it("tests every source, and sleeps in no test", () => {
    const sources = productFiles.filter((file) => /^src\/sources\/[^/]+\.ts$/.test(file));
    const definitions = sources.filter((file) =>
      /: SourceDefinition\b|defineSource/.test(read(file)),
    );
    expect(definitions.length).toBeGreaterThan(5);
    const isTested = (file: string) => files.includes(file.replace(/\.ts$/, ".test.ts"));
    expect(definitions.filter((file) => !isTested(file))).toEqual([]);
    const tests = files.filter((file) => file.endsWith(".test.ts"));
    expect(tests.filter((file) => /^ *await (?:delay|sleep)\(/m.test(read(file)))).toEqual([]);
  });
});

describe("the README", () => {
  const readme = read("README.md");
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts);

  it("needs exactly two commands on a fresh machine", () => {
    const block = /## Two commands\n[^`]*```\n([^`]*)```/.exec(readme)?.[1] ?? "";
    const commands = block.trim().split("\n");
    expect(commands.map((line) => line.split("#")[0]?.trim())).toEqual([
      "npm ci && npm run demo",
      "npm ci && npm run check",
    ]);
  });

  it("names scripts that exist, and files that exist", () => {
    const named = [...readme.matchAll(/^npm run (?:-s )?([\w:]+)/gm)].map(
      (match) => match[1] ?? "",
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? "");
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
