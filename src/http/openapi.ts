import { z } from "zod";
import type { Route } from "./route.ts";

/** OpenAPI 3.1 of the JSON API, made from the same schemas that check the requests. */
export function openApi(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes.filter((item) => item.kind === "api")) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Shodo", version, description: "Incidents, reports and evidence." },
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: {
        Fault: {
          type: "object",
          required: ["error"],
          properties: {
            error: {
              type: "object",
              required: ["code", "message"],
              properties: { code: { type: "string" }, message: { type: "string" } },
            },
          },
        },
      },
    },
  };
}

function operation(route: Route): Record<string, unknown> {
  const fault = {
    description: "What is wrong, for programs and for people",
    content: { "application/json": { schema: { $ref: "#/components/schemas/Fault" } } },
  };
  const answer = route.answer
    ? { content: { "application/json": { schema: schemaOf(route.answer, "output") } } }
    : {};
  return {
    summary: route.summary,
    description:
      route.access === "public" ? "Open to everyone." : `Needs the role ${route.access}.`,
    ...(route.access === "public" ? {} : { security: [{ token: [] }] }),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: { "application/json": { schema: schemaOf(route.body, "input") } },
          },
        }
      : {}),
    responses: { [route.status ?? 200]: { description: "Done", ...answer }, default: fault },
  };
}

function pathParameters({ path }: Route): unknown[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters({ query }: Route): unknown[] {
  if (!query) return [];
  const { properties = {} } = schemaOf(query, "input") as { properties?: Record<string, unknown> };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", schema }));
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
