import { Hono } from "hono";
import { hasRole, type Principal, type Role } from "../core/principal.ts";
import { httpLimits } from "./limits.ts";
import { styleHash } from "./pages/layout.ts";
import { reportCss, reportExtraCss } from "./pages/report-page.ts";
import { style } from "./pages/style.ts";
import type { HttpParts } from "./parts.ts";
import { rateLimit } from "./rate-limit.ts";
import type { Route, RouteContext, Variables } from "./route.ts";
import { fault, messagePage, notFound } from "./routes/answers.ts";
import { apiRoutes } from "./routes/api.ts";
import { formRoutes } from "./routes/forms.ts";
import { alarmRoute, opsRoutes } from "./routes/ops.ts";
import { pageRoutes } from "./routes/pages.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { authenticate, callerOf } from "./sign-in/authenticate.ts";
import { signer as openSigner, type Signer } from "./sign-in/session.ts";
import { chosenLanguage, pageWordsOf } from "./words/page-words.ts";

export interface HttpApp {
  readonly app: Hono<{ Variables: Variables }>;
  readonly routes: readonly Route[];
  readonly signer: Signer;
}

/** No script runs and no style but ours; nothing is loaded from anywhere else. */
const policy = [
  "default-src 'none'",
  `style-src ${[style, reportCss, reportExtraCss].map(styleHash).join(" ")}`,
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The face over HTTP. Every route goes through the same gate, and says itself who may pass. */
export function httpApp(parts: HttpParts): HttpApp {
  const app = new Hono<{ Variables: Variables }>();
  const signer = openSigner(parts.store.face, parts.ids, parts.clock);
  const all: Route[] = [...pageRoutes, ...formRoutes, ...apiRoutes];
  all.push(...signInRoutes(parts, signer), ...opsRoutes(parts, () => all), alarmRoute(parts));
  const gate = openGate(parts, signer);
  app.use(async (c, next) => {
    const language = chosenLanguage(parts.settings.language, c.req.header("accept-language"));
    c.set("words", pageWordsOf(language));
    await next();
    setHeaders(c);
  });
  for (const route of all) {
    app.on(route.method, route.path, async (c) => {
      c.set("parts", parts);
      const refusal = await gate(c, route);
      return refusal ?? route.run(c);
    });
  }
  app.notFound((c) => notFound(c as RouteContext, "page"));
  app.onError((error, c) => {
    parts.logger.error("http-fail", { path: c.req.path, fault: error.message });
    if (c.req.path.startsWith("/api/")) return c.json(fault("internal", "It failed here."), 500);
    return messagePage(c, 500, "failed.title", c.get("words").say("failed.text"));
  });
  return { app, routes: all, signer };
}

type Gate = (c: RouteContext, route: Route) => Promise<Response | null>;

/** Rate, size, origin, role: in this order, for every route. */
function openGate(parts: HttpParts, signer: Signer): Gate {
  const { settings, clock } = parts;
  const { burst, perSecond, alarmsBurst, alarmsPerSecond } = settings.rate;
  const people = rateLimit(clock, { burst, perSecond });
  const senders = rateLimit(clock, { burst: alarmsBurst, perSecond: alarmsPerSecond });
  return async (c, route) => {
    if (route.access === "sender") {
      const waitSeconds = senders.take("senders");
      return waitSeconds > 0 ? tooMany(c, waitSeconds) : null;
    }
    const principal = route.access === "public" ? null : await authenticate(c, settings, signer);
    const caller = principal && principal.id !== "local" ? principal.id : callerOf(c, settings);
    const isProbe = route.path === "/healthz" || route.path === "/readyz";
    const waitSeconds = isProbe ? 0 : people.take(caller);
    if (waitSeconds > 0) return tooMany(c, waitSeconds);
    const refusal = route.method === "GET" ? null : refuseWrite(c, settings.publicUrl);
    if (refusal) return refusal;
    return route.access === "public" ? null : refuseCaller(c, route, route.access, principal);
  };
}

/** Whoever is not signed in or lacks the role; who passes stands in the context. */
function refuseCaller(
  c: RouteContext,
  route: Route,
  needed: Role,
  principal: Principal | null,
): Response | Promise<Response> | null {
  if (!principal) return unknown(c, route);
  c.set("principal", principal);
  return hasRole(principal, needed) ? null : forbidden(c, route, principal);
}

/** A body that is too large, or a form that stands on another site. */
function refuseWrite(
  c: RouteContext,
  publicUrl: string | undefined,
): Response | Promise<Response> | null {
  if (Number(c.req.header("content-length") ?? 0) > httpLimits.bodyBytesMax) {
    return c.json(fault("too-big", "The body is too large."), 413);
  }
  if (isSameOrigin(c, publicUrl)) return null;
  return messagePage(c, 403, "refused.title", c.get("words").say("refused.site"));
}

/** A browser says where a form stands; what says nothing is a program with a token. */
function isSameOrigin(c: RouteContext, publicUrl: string | undefined): boolean {
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const origin = c.req.header("origin");
  if (origin === undefined) return true;
  const ours = [publicUrl && new URL(publicUrl).origin, new URL(c.req.url).origin];
  return ours.includes(origin);
}

function unknown(c: RouteContext, route: Route): Response {
  if (route.kind === "page") return c.redirect("/sign-in", 303);
  return c.json(fault("unauthenticated", "Send a token: Authorization: Bearer …"), 401, {
    "www-authenticate": "Bearer",
  });
}

function forbidden(
  c: RouteContext,
  route: Route,
  principal: Principal,
): Response | Promise<Response> {
  const message = `This needs the role ${route.access}; you are ${principal.role}.`;
  if (route.kind !== "page") return c.json(fault("forbidden", message), 403);
  const words = c.get("words");
  const needed = words.name("role", route.access);
  const role = words.name("role", principal.role);
  return messagePage(c, 403, "forbidden.title", words.say("forbidden.text", { needed, role }));
}

function tooMany(c: RouteContext, waitSeconds: number): Response {
  const message = `Too many requests; try again in ${waitSeconds} s.`;
  return c.json(fault("rate-limited", message), 429, { "retry-after": String(waitSeconds) });
}

function setHeaders(c: RouteContext): void {
  const headers = c.res.headers;
  headers.set("content-security-policy", policy);
  headers.set("x-content-type-options", "nosniff");
  // `no-referrer` would take the origin from forms, by which we know that they are ours.
  headers.set("referrer-policy", "same-origin");
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("cross-origin-resource-policy", "same-origin");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
}
