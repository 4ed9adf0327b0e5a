import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { z } from "zod";

type Json = Record<string, unknown>;

/**
 * A schema that is advertised as given and lets everything through. Arguments are checked by the
 * tool's wrapper, which can say the next step; answers are made by code of ours and tested.
 */
export function advertise(schema: Json): StandardSchemaWithJSON<Json, Json> {
  return {
    "~standard": {
      version: 1,
      vendor: "shodo",
      validate: (value) => ({ value: value as Json }),
      jsonSchema: { input: () => schema, output: () => schema },
    },
  };
}

/** JSON Schema of what a caller may send; keys in the order they were written. */
export function inputJson(schema: z.ZodObject): Json {
  return tidy(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" })) as Json;
}

/**
 * JSON Schema of an answer without its prose: field names say what they are, and tokens are few.
 */
export function outputJson(schema: z.ZodObject, depth: number): Json {
  const json = z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });
  return flatten(tidy(json), depth) as Json;
}

const droppedIntegers = new Set([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);

/** Drops what every schema repeats: the dialect and the bounds of a safe integer. */
function tidy(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(tidy);
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node)
    .filter(
      ([key, value]) => key !== "$schema" && key !== "additionalProperties" && !isNoise(value),
    )
    .map(([key, value]) => [key, tidy(value)]);
  return Object.fromEntries(entries);
}

function isNoise(value: unknown): boolean {
  return typeof value === "number" && droppedIntegers.has(value);
}

/** Keeps names and types down to `depth` levels of objects; below that, only the type. */
function flatten(node: unknown, depth: number): unknown {
  if (typeof node !== "object" || node === null) return node;
  const schema = node as Json;
  const variants = (schema.anyOf ?? schema.oneOf) as unknown[] | undefined;
  if (variants) return { anyOf: variants.map((item) => flatten(item, depth)) };
  const kept: Json = {};
  for (const key of ["type", "enum", "const"]) if (key in schema) kept[key] = schema[key];
  if (schema.type === "array") kept.items = flatten(schema.items ?? {}, depth);
  if (schema.type === "object" && depth > 0 && schema.properties) {
    const properties = Object.entries(schema.properties as Json);
    kept.properties = Object.fromEntries(
      properties.map(([name, item]) => [name, flatten(item, depth - 1)]),
    );
  }
  return kept;
}
