import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { z } from "zod";
import { clean, page } from "../pages/layout.ts";
import type { HttpParts } from "../parts.ts";
import type { Route, RouteContext } from "../route.ts";
import { cookieName } from "../sign-in/authenticate.ts";
import { type Oidc, oidc } from "../sign-in/oidc.ts";
import type { Signer } from "../sign-in/session.ts";
import type { PageKey } from "../words/en.ts";
import { messagePage } from "./answers.ts";

const stateCookie = "shodo_sign_in";
const stateHours = 0.25;
const stateSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });

/**
 * Signing in by a link that Slack posted or the terminal printed, or with the company's account.
 */
export function signInRoutes(parts: HttpParts, signer: Signer): readonly Route[] {
  const provider = openOidc(parts);
  const begin: Route = {
    method: "GET",
    path: "/sign-in",
    access: "public",
    summary: "How to sign in",
    kind: "page",
    run: (c) => signInPage(c, provider !== null),
  };
  const enter: Route = {
    method: "POST",
    path: "/sign-in",
    access: "public",
    summary: "Sign in with a signed link",
    kind: "page",
    run: async (c) => {
      const token = String((await c.req.formData()).get("token") ?? "");
      const claims = await signer.read(token, "link");
      if (!claims) return notSignedIn(c, "sign-in.old");
      const lifeMs = parts.settings.linkHours * 3_600_000;
      if (claims.once && !(await parts.store.face.once(`http:link:${claims.serial}`, lifeMs))) {
        return notSignedIn(c, "sign-in.used");
      }
      await openSession(c, parts, signer, claims);
      return c.redirect(localPath(claims.to), 303);
    },
  };
  const leave: Route = {
    method: "POST",
    path: "/sign-out",
    access: "public",
    summary: "Sign out",
    kind: "page",
    run: (c) => {
      deleteCookie(c, cookieName, { path: "/" });
      return c.redirect("/sign-in", 303);
    },
  };
  return [begin, enter, leave, ...(provider ? oidcRoutes(parts, signer, provider) : [])];
}

function oidcRoutes(parts: HttpParts, signer: Signer, provider: Oidc): Route[] {
  const go: Route = {
    method: "GET",
    path: "/sign-in/account",
    access: "public",
    summary: "Sign in with the company's account",
    kind: "page",
    run: async (c) => {
      const { url, state } = await provider.begin();
      const to = JSON.stringify(state);
      const claims = { sub: "-", name: "-", role: "viewer", use: "state", to } as const;
      setCookie(c, stateCookie, await signer.sign(claims, stateHours), cookieOptions(parts));
      return c.redirect(url, 303);
    },
  };
  const back: Route = {
    method: "GET",
    path: "/sign-in/callback",
    access: "public",
    summary: "The way back from the company's account",
    kind: "page",
    run: async (c) => {
      const kept = await signer.read(getCookie(c, stateCookie) ?? "", "state");
      deleteCookie(c, stateCookie, { path: "/" });
      const begun = stateSchema.safeParse(JSON.parse(kept?.to ?? "null"));
      const { code = "", state = "" } = c.req.query();
      if (!begun.success || code === "") {
        return notSignedIn(c, "sign-in.slow");
      }
      const person = await provider.finish({ code, state }, begun.data);
      if (typeof person === "string") return messagePage(c, 401, "sign-in.failed", person);
      await openSession(c, parts, signer, { ...person, sub: person.id });
      return c.redirect("/", 303);
    },
  };
  return [go, back];
}

function notSignedIn(c: RouteContext, why: PageKey): Response | Promise<Response> {
  return messagePage(c, 401, "sign-in.failed", c.get("words").say(why));
}

async function openSession(
  c: RouteContext,
  parts: HttpParts,
  signer: Signer,
  person: { readonly sub: string; readonly name: string; readonly role: string },
): Promise<void> {
  const { sub, name } = person;
  const role = person.role as "viewer";
  const { sessionHours } = parts.settings;
  const token = await signer.sign({ sub, name, role, use: "session" }, sessionHours);
  setCookie(c, cookieName, token, { ...cookieOptions(parts), maxAge: sessionHours * 3_600 });
  const at = parts.clock.now();
  const detail = { role, door: "http" };
  await parts.store.audit.append({ at, event: "session-open", by: sub, incident: null, detail });
}

function cookieOptions({ settings }: HttpParts) {
  const secure = settings.publicUrl?.startsWith("https:") ?? false;
  return { path: "/", httpOnly: true, sameSite: "Lax", secure } as const;
}

/**
 * A link is opened with a button, not by visiting it: programs that preview links in chats visit
 * them too.
 */
function signInPage(c: RouteContext, hasAccount: boolean): Response | Promise<Response> {
  const token = c.req.query("token");
  const words = c.get("words");
  const content = token
    ? html`<p>${words.say("sign-in.link")}</p>
        <form method="post" action="/sign-in">
          <input type="hidden" name="token" value="${clean(token, 4_000)}" />
          <button class="main">${words.say("sign-in.open")}</button>
        </form>`
    : html`<p>${words.say("sign-in.how")}</p>`;
  const account = html`<p><a href="/sign-in/account">${words.say("sign-in.account")}</a></p>`;
  return c.html(
    page(
      { title: words.say("sign-in.title"), principal: null, words },
      html`<h1>${words.say("sign-in.heading")}</h1>
        ${content} ${hasAccount ? account : ""}`,
    ),
  );
}

function openOidc({ settings, secret, ids, clock }: HttpParts): Oidc | null {
  const given = settings.oidc;
  if (!given) return null;
  const publicUrl = settings.publicUrl ?? `http://${settings.host}:${settings.port}`;
  const clientSecret = given.clientSecretFrom ? secret(given.clientSecretFrom) : null;
  const redirectUri = `${publicUrl}/sign-in/callback`;
  return oidc({ settings: given, clientSecret, redirectUri, ids, clock });
}

/** Only a path of ours: `//elsewhere.example` and `https:…` lead to the list. */
function localPath(to: string | undefined): string {
  return to !== undefined && /^\/(?![/\\])[\w\-./]*$/.test(to) ? to : "/";
}
