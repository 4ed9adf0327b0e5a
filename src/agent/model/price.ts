import { z } from "zod";
import type { ModelSettings } from "../../core/model-settings.ts";

/** Cost in US dollars by the configured price table; a model without a price costs 0 and says so. */
export function costOf(
  model: string,
  tokens: { readonly input: number; readonly output: number },
  prices: ModelSettings["prices"],
): number {
  const price = prices[model] ?? prices[model.split(":").slice(1).join(":")];
  if (!price) return 0;
  return (tokens.input * price.input + tokens.output * price.output) / 1_000_000;
}

const usageSchema = z.object({ input_tokens: z.number(), output_tokens: z.number() });

/** Tokens that a model says it used; zero when it does not say. */
export function tokensOf(answer: object): { readonly input: number; readonly output: number } {
  const usage = "usage_metadata" in answer ? usageSchema.safeParse(answer.usage_metadata) : null;
  if (!usage?.success) return { input: 0, output: 0 };
  return { input: usage.data.input_tokens, output: usage.data.output_tokens };
}
