import { z } from "zod";

/** Ceilings of one investigation; see `agent/budget.ts` for what happens near them. */
export const budgetSettingsSchema = z
  .strictObject({
    toolCalls: z.number().int().positive().default(40),
    seconds: z.number().positive().default(300),
    bytesScanned: z.number().positive().default(20_000_000_000),
    modelCalls: z.number().int().positive().default(30),
    tokens: z.number().int().positive().default(400_000),
    costUsd: z.number().positive().default(2),
    /** US dollars for reading telemetry, where its systems charge for reads. */
    sourcesUsd: z.number().positive().default(2),
    /**
     * Prices of AWS that replace those of us-east-1: metric, request, insightsGb, athenaTb, trace.
     */
    awsPrices: z.record(z.string(), z.number().nonnegative()).default({}),
  })
  .prefault({});

/** Price of one million tokens, in US dollars. */
export const priceSchema = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
});

/** How models are reached. Keys come from the environment alone. */
export const modelSettingsSchema = z
  .strictObject({
    /** `builtin`, `openai:<model>`, or another adapter's `<provider>:<model>`. */
    name: z.string().default("builtin"),
    /** Tried in order when the model fails; the built-in analyst is always last. */
    fallbacks: z.array(z.string()).default([]),
    /** Model of the verify pass; the same as `name` when absent. */
    verifier: z.string().optional(),
    /** `auto` means Responses on OpenAI itself and Chat Completions elsewhere. */
    wire: z.enum(["auto", "responses", "chat"]).default("auto"),
    baseUrl: z.url().optional(),
    /** Until the first byte of an answer, and again between any two parts of it. */
    timeoutSeconds: z.number().positive().default(60),
    /** False for a server that cannot stream its answers. */
    stream: z.boolean().default(true),
    prices: z.record(z.string(), priceSchema).default({}),
  })
  .prefault({});
export type ModelSettings = z.infer<typeof modelSettingsSchema>;
