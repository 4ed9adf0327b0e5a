import { z } from "zod";
import type { CallOutcome } from "../../core/analyst.ts";
import type { Principal } from "../../core/principal.ts";
import type { HttpParts } from "../parts.ts";
import type { Route, RouteContext } from "../route.ts";
import { fault } from "./answers.ts";

/** What a route of the API works with, once its input was checked. */
export interface ApiCall<Body, Query> {
  readonly parts: HttpParts;
  readonly by: Principal;
  /** `:id` of the path; empty where it has none. */
  readonly id: string;
  readonly body: Body;
  readonly query: Query;
  readonly c: RouteContext;
}

type Answer = Response | Promise<Response>;

/** A route that answers JSON: body and query are checked before `run`, and a fault is told. */
export function apiRoute<Body = undefined, Query = undefined>(
  spec: Pick<Route, "method" | "path" | "access" | "summary" | "status"> & {
    readonly body?: z.ZodType<Body>;
    readonly query?: z.ZodObject & z.ZodType<Query>;
    readonly answer: z.ZodType;
    readonly run: (call: ApiCall<Body, Query>) => Answer;
  },
): Route {
  const { run, ...described } = spec;
  return {
    ...described,
    kind: "api",
    run: async (c) => {
      const query = spec.query?.safeParse(c.req.query());
      if (query && !query.success) return invalid(c, query.error);
      const body = spec.body?.safeParse(await c.req.json().catch(() => undefined));
      if (body && !body.success) return invalid(c, body.error);
      return run({
        parts: c.get("parts"),
        by: c.get("principal"),
        id: c.req.param("id") ?? "",
        body: body?.data as Body,
        query: query?.data as Query,
        c,
      });
    },
  };
}

export const doneSchema = z.object({ done: z.literal(true) });

/** What was done, or why not. */
export function outcome(c: RouteContext, done: CallOutcome): Response {
  return done.kind === "done"
    ? c.json({ done: true })
    : c.json(fault("refused", done.message), 409);
}

function invalid(c: RouteContext, error: z.ZodError): Response {
  const lines = error.issues.map(
    (issue) => `${issue.path.map(String).join(".")}: ${issue.message}`,
  );
  return c.json(fault("invalid", lines.join("; ")), 400);
}
