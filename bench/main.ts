/**
 * Runs one benchmark by its name: `npm run bench -- storm --seed 2`. Without a name, or with one
 * that is not there, it lists them. Each prints one JSON document.
 */
import { globSync } from "node:fs";
import { join } from "node:path";

const [name = ""] = process.argv.slice(2);
const names = globSync("*.ts", { cwd: import.meta.dirname })
  .map((file) => file.replace(/\.ts$/, ""))
  .filter((file) => file !== "main")
  .sort();

if (names.includes(name)) {
  process.argv.splice(2, 1);
  await import(join(import.meta.dirname, `${name}.ts`));
} else {
  console.error(`Benchmarks: ${names.join(", ")}. Run one: npm run bench -- ${names[0]}`);
  process.exitCode = 2;
}
