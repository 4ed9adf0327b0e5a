import { html } from "hono/html";
import type { CallOutcome } from "../../core/analyst.ts";
import { clean, page } from "../pages/layout.ts";
import type { RouteContext } from "../route.ts";
import type { PageKey } from "../words/en.ts";

/** Errors of the API have one shape: a code for programs and a sentence for people. */
export type Fault = {
  readonly error: { readonly code: string; readonly message: string };
};

/** `code` is stable; `message` is for people and may change. */
export function fault(code: string, message: string): Fault {
  return { error: { code, message } };
}

/** 404 as JSON below `/api/`, else as a page. `what` is a noun that goes into the sentence. */
export function notFound(c: RouteContext, what: string): Response | Promise<Response> {
  const message = `There is no such ${what}.`;
  if (c.req.path.startsWith("/api/")) return c.json(fault("not-found", message), 404);
  const key = what === "incident" || what === "step" ? what : "page";
  return messagePage(c, 404, "not-found.title", c.get("words").say(`not-found.${key}`));
}

/** A page that says one thing. */
export function messagePage(
  c: RouteContext,
  status: 200 | 202 | 400 | 401 | 403 | 404 | 409 | 429 | 500,
  titleKey: PageKey,
  message: string,
  back = "/",
): Response | Promise<Response> {
  const words = c.get("words");
  const title = words.say(titleKey);
  return c.html(
    page(
      { title, principal: c.get("principal") ?? null, words },
      html`<h1>${title}</h1>
        <p role="status">${clean(message, 500)}</p>
        <p><a href="${back}">${words.say("back")}</a></p>`,
    ),
    status,
  );
}

/** Where a form leads: back to its incident, or to a page that says why not. */
export function afterForm(
  c: RouteContext,
  outcome: CallOutcome,
  back: string,
): Response | Promise<Response> {
  if (outcome.kind === "done") return c.redirect(back, 303);
  return messagePage(c, 409, "not-done.title", outcome.message, back);
}
