import { expect, it } from "vitest";
import { link } from "./markdown-text.ts";

it("links to addresses that keep their state in brackets, as consoles do", () => {
  const target = "https://eu-west-1.console.aws.amazon.com/cloudwatch#graph=~(view~%27timeSeries)";
  expect(link("open", target)).toBe(`[open](<${target}>)`);
  expect(link("open", "https://a.example/b?c=d")).toBe("[open](https://a.example/b?c=d)");
});

it.each([
  "javascript:alert(1)",
  "https://a.example/>) [x](javascript:alert(1)",
  "https://a.example/ b",
  "https://a.example/`x`",
])("does not link to %s", (target) => {
  expect(link("open", target)).toBe("open");
});
