import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileTexts } from "../testing/hostile-text.ts";
import {
  clip,
  inert,
  markdown,
  mrkdwn,
  plain,
  preformatted,
  prose,
  safeUrl,
} from "./foreign-text.ts";

const renderers = {
  plain: (text: string) => plain(text, 500),
  mrkdwn: (text: string) => mrkdwn(text, 500),
  markdown: (text: string) => markdown(text, 500),
  prose: (text: string) => prose(text, 500),
};

const anyText = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string({ unit: "binary" }),
  fc.tuple(fc.constantFrom(...hostileTexts), fc.string()).map(([a, b]) => b + a + b),
);

describe("foreign text", () => {
  for (const [name, render] of Object.entries(renderers)) {
    it(`never pings, links or hides through ${name}`, () => {
      fc.assert(
        fc.property(anyText, (text) => {
          const shown = render(text);
          expect(shown).not.toMatch(/<[!@#]|<https?:|<mailto:/);
          expect(shown).not.toMatch(/@(channel|here|everyone)\b/i);
          expect(shown).not.toMatch(/https?:\/\//);
          expect(shown).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/);
        }),
      );
    });
  }

  it("leaves no Markdown link or image standing in prose", () => {
    for (const text of hostileTexts) expect(prose(text, 2_000)).not.toMatch(/\]\(/);
  });

  it("keeps lists, bold and code of an answer", () => {
    expect(prose("**Yes.**\n- `orders` [E3]\n- pool", 200)).toBe(
      "**Yes.**\n- `orders` [E3]\n- pool",
    );
  });

  it("keeps a fence closed", () => {
    expect(preformatted("a\n```\nb", 100)).toBe("a\n'''\nb");
  });

  it("cuts with an ellipsis and keeps code points whole", () => {
    expect(clip("abcdef", 4)).toBe("abc…");
    expect(clip("😀😀😀", 4)).toBe("😀…");
  });

  it("reads the same when there is nothing to fear", () => {
    expect(inert("checkout p95 rose from 210 ms to 1.9 s")).toBe(
      "checkout p95 rose from 210 ms to 1.9 s",
    );
    expect(mrkdwn("a < b & c", 50)).toBe("a &lt; b &amp; c");
  });

  it("lets only https links to known hosts through", () => {
    const hosts = ["console.aws.amazon.com", "grafana.example"];
    expect(safeUrl("https://eu-west-1.console.aws.amazon.com/x?a=1", hosts)).toContain("/x?a=1");
    expect(safeUrl("https://grafana.example/d/1", hosts)).toBe("https://grafana.example/d/1");
    expect(safeUrl("http://grafana.example/d/1", hosts)).toBeNull();
    expect(safeUrl("https://grafana.example.evil.com/", hosts)).toBeNull();
    expect(safeUrl("https://grafana.example@evil.com/", hosts)).toBeNull();
    expect(safeUrl("javascript:alert(1)", hosts)).toBeNull();
    expect(safeUrl(undefined, hosts)).toBeNull();
  });
});
