import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { Principal } from "../../core/principal.ts";
import { cleanLine } from "../../core/redaction.ts";
import { style } from "./style.ts";

/** Text that came from elsewhere: cleaned, on one line; the template escapes it. */
export function clean(text: string, charsMax = 300): string {
  return cleanLine(text, charsMax);
}

export interface PageOptions {
  readonly title: string;
  readonly principal: Principal | null;
  /** Seconds after which the page asks for itself again, while something still changes. */
  readonly refreshSeconds?: number;
  readonly language?: string;
}

type Html = ReturnType<typeof html>;

/** A page around its content: skip link, header, main. No script at all. */
export function page(options: PageOptions, content: Html): Html {
  const { title, principal, refreshSeconds, language = "en" } = options;
  return html`<!doctype html>
    <html lang="${language}">
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
        ${header(principal)}
        <main id="content">${content}</main>
      </body>
    </html>`;
}

export function header(principal: Principal | null): Html {
  return html`<a class="skip" href="#content">Skip to content</a>
    <nav class="top" aria-label="Shodo">
      <a href="/"><b>Shodo</b> incidents</a>
      ${
        principal
          ? html`<span class="who">${clean(principal.name, 60)} (${principal.role})</span>
              ${
                principal.id === "local"
                  ? ""
                  : html`<form method="post" action="/sign-out"><button>Sign out</button></form>`
              }`
          : ""
      }
    </nav>`;
}

/** `'sha256-…'` of a style, for the policy that lets no other style in. */
export function styleHash(css: string): string {
  return `'sha256-${createHash("sha256").update(css).digest("base64")}'`;
}

export function when(at: number): Html {
  const iso = new Date(at).toISOString();
  const shown = `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
  return html`<time datetime="${iso}">${shown}</time>`;
}
