import type { Context } from "hono";
import type { z } from "zod";
import type { Principal, Role } from "../core/principal.ts";
import type { HttpParts } from "./parts.ts";
import type { PageWords } from "./words/page-words.ts";

/** What the sign-in has established before a route's own code runs. */
export interface Variables {
  principal: Principal;
  parts: HttpParts;
  /** The reader's language. */
  words: PageWords;
}
export type RouteContext = Context<{ Variables: Variables }>;

/**
 * One address. `access` has no default, so that no route comes into being without somebody having
 * decided who may use it.
 */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** A role, `public`, or `sender`: the sender's own file checks the message. */
  readonly access: Role | "public" | "sender";
  readonly summary: string;
  /** Pages answer with HTML and send people to the sign-in; the API answers with JSON. */
  readonly kind: "page" | "api" | "ops";
  readonly body?: z.ZodType;
  readonly answer?: z.ZodType;
  /** Status of a request that was done; 200 unless given. */
  readonly status?: 201 | 202;
  readonly query?: z.ZodObject;
  run(context: RouteContext): Promise<Response> | Response;
}
