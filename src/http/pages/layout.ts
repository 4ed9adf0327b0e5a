import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { Principal } from "../../core/principal.ts";
import { cleanLine } from "../../core/redaction.ts";
import type { PageWords } from "../words/page-words.ts";
import { style } from "./style.ts";

/** Text that came from elsewhere: cleaned, on one line; the template escapes it. */
export function clean(text: string, charsMax = 300): string {
  return cleanLine(text, charsMax);
}

export interface PageOptions {
  readonly title: string;
  readonly principal: Principal | null;
  readonly words: PageWords;
  /** Seconds after which the page asks for itself again; only for readers who asked for that. */
  readonly refreshSeconds?: number;
}

type Html = ReturnType<typeof html>;

/** A page around its content: skip link, header, main. No script at all. */
export function page(options: PageOptions, content: Html): Html {
  const { title, principal, refreshSeconds, words } = options;
  return html`<!doctype html>
    <html lang="${words.code}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href="data:," />
        ${refreshSeconds ? html`<meta http-equiv="refresh" content="${refreshSeconds}" />` : ""}
        <title>${clean(title)} · Shodo</title>
        <style>${raw(style)}</style>
      </head>
      <body>
        ${header(principal, words)}
        <main id="content">${content}</main>
      </body>
    </html>`;
}

/**
 * Null: nobody is signed in. The person at the machine itself cannot sign out, so gets no button.
 */
export function header(principal: Principal | null, words: PageWords): Html {
  return html`<a class="skip" href="#content">${words.say("skip")}</a>
    <nav class="top" aria-label="Shodo">
      <a href="/"><b>Shodo</b> ${words.say("home")}</a>
      ${
        principal
          ? html`<span class="who">${clean(principal.name, 60)} (${words.name("role", principal.role)})</span>
              ${
                principal.id === "local"
                  ? ""
                  : html`<form method="post" action="/sign-out"><button>${words.say("sign-out")}</button></form>`
              }`
          : ""
      }
    </nav>`;
}

/**
 * The way into and out of a page that renews itself. Nobody gets one unasked, since it takes the
 * focus and what was typed with it (WCAG 2.2, 2.2.1 and 2.2.2).
 */
export function followLink(path: string, isLive: boolean, seconds: number, words: PageWords): Html {
  return isLive
    ? html`<p><a href="${path}">${words.say("follow.end")}</a></p>`
    : html`<p><a href="${path}?live=1">${words.say("follow.begin", { seconds })}</a></p>`;
}

/** `'sha256-…'` of a style, for the policy that lets no other style in. */
export function styleHash(css: string): string {
  return `'sha256-${createHash("sha256").update(css).digest("base64")}'`;
}

/** `at` in epoch ms; shown in UTC to the second, with the zone in the markup only. */
export function when(at: number): Html {
  const iso = new Date(at).toISOString();
  const shown = `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
  return html`<time datetime="${iso}">${shown}</time>`;
}
