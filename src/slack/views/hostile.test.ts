import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { blockLimits } from "../blocks/block-limits.ts";
import { countChars } from "../blocks/count-chars.ts";
import { asJson, list } from "../blocks/shape-checks.ts";
import type { Surface } from "../blocks/types.ts";
import { validate } from "../blocks/validate.ts";
import { hostileTexts } from "../testing/hostile-text.ts";
import { allViews, hostileCase, sampleProgress } from "../testing/view-gallery.ts";
import { planChunks } from "./progress.ts";

const secrets = [
  "hunter2-secret",
  "AKIAIOSFODNN7EXAMPLE",
  "xoxb-1234567890-abcdefghij",
  "ghp_0123456789abcdefABCDEF0123456789abcd",
  "4111 1111 1111 1111",
  "alice@example.com",
  "eyJzdWIiOiIxMjM0NTY3ODkwIn0",
];
const telling = `password=${secrets[0]} ${secrets.slice(1, 6).join(" ")} Bearer eyJhbGciOiJIUzI1NiJ9.${secrets[6]}.abc`;

/** Lengths at which some view cuts a text: the secret stands across each of them. */
const cuts = [60, 80, 110, 120, 150, 160, 200, 220, 240, 256, 300, 500, 600, 1_000, 1_200, 1_500];

const attacks: readonly string[] = [
  ...hostileTexts,
  telling,
  "\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007 \u001b[31mred\u001b[0m \u009b1m",
  "AKIA\u200bIOSFODNN7EXAMPLE and pass\u2060word=hunter2-secret",
  "> quote\n# heading\n---\n| a | b |\n<a href='javascript:alert(1)'>x</a><img src=x onerror=y>",
  `A${"B".repeat(1_000_000)}`,
  `<!channel> ${"word ".repeat(200_000)}`,
  ...cuts.flatMap((at) => [
    `${"x ".repeat(at / 2 - 6)}password=hunter2-secret and more`,
    `${"x ".repeat(at / 2 - 5)}${secrets[3]} and more`,
  ]),
];

/**
 * Values travel unseen, and a runbook's command is shown letter by letter as its author wrote it.
 */
function shown(key: string, item: unknown): unknown {
  if (key === "value" || key === "private_metadata") return undefined;
  return asJson(item).type === "rich_text_preformatted" ? undefined : item;
}

function surfaceOf(view: { readonly type?: string }): Surface {
  return view.type === "home" ? "home" : view.type === "modal" ? "modal" : "message";
}

describe("whatever telemetry, alarms, people and models write", () => {
  it.each(attacks.map((attack) => [`${attack.slice(0, 40)} (${attack.length})`, attack]))(
    "pings, links, hides and tells nothing in any view: %s",
    (_, attack) => {
      for (const language of ["en", "ja"] as const) {
        const views = allViews(language, hostileCase(attack, language));
        const chunks = planChunks(null, sampleProgress(language, attack));
        for (const [name, view] of Object.entries({ ...views, chunks: { blocks: chunks } })) {
          const wire = JSON.stringify(view, shown).replace(/<!date\^\d+\^[^<>|]*\|[^<>]*>/g, "");
          expect(wire, name).not.toMatch(
            /<!|<#|<@[US](?!0ANA0001|0BEN0001)|@(channel|here|everyone)\b/,
          );
          expect(wire, name).not.toMatch(/<https?:[^>]*evil|\]\(https?:|https?:\/\/[^"]*evil/);
          expect(wire, name).not.toMatch(/\\u00(?:1b|07|9b)|[\u200b-\u200f\u202a-\u202e\u2060]/);
          for (const secret of secrets) expect(wire, name).not.toContain(secret);
          expect(wire, name).not.toMatch(/hunter2|AKIAIOS|ghp_0123|xoxb-12/);
          if (name === "chunks") continue;
          const surface = surfaceOf(view as { type?: string });
          expect(validate(view.blocks, surface), name).toEqual([]);
          if (surface === "message") {
            expect(countChars(view.blocks)).toBeLessThanOrEqual(blockLimits.totalChars);
          }
        }
        for (const chunk of chunks.map(asJson)) {
          for (const key of ["title", "output"]) {
            expect(String(chunk[key] ?? "").length).toBeLessThanOrEqual(blockLimits.chunkText);
          }
          for (const source of list(chunk.sources)) expect(source.text).not.toBe("");
        }
      }
    },
    30_000,
  );

  it("meets every view there is", () => {
    const gallery = readFileSync(join(import.meta.dirname, "../testing/view-gallery.ts"), "utf8");
    const builders = globSync(join(import.meta.dirname, "*.ts"))
      .filter((file) => !file.endsWith(".test.ts"))
      .flatMap((file) =>
        [...readFileSync(file, "utf8").matchAll(/^export function (\w+(?:View|Modal))\(/gm)].map(
          (match) => match[1] ?? "",
        ),
      );
    expect(builders.length).toBeGreaterThan(10);
    expect(builders.filter((name) => !gallery.includes(`${name}(`))).toEqual([]);
  });
});
