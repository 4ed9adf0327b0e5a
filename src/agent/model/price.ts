import { z } from "zod";
import type { ModelSettings } from "../../core/model-settings.ts";

type Prices = ModelSettings["prices"];

/** Cost in US dollars by the configured price table; a model without a price costs 0. */
export function costOf(
  model: string,
  tokens: { readonly input: number; readonly output: number },
  prices: Prices,
): number {
  const price = priceOf(model, prices);
  if (!price) return 0;
  return (tokens.input * price.input + tokens.output * price.output) / 1_000_000;
}

/** What to say of models whose cost cannot be known; null when each has a price. */
export function priceWarning(
  models: readonly string[],
  prices: Prices,
  ceilings: { readonly costUsd: number; readonly tokens: number },
): string | null {
  const unpriced = models.filter((model) => !priceOf(model, prices));
  if (unpriced.length === 0) return null;
  const { costUsd, tokens } = ceilings;
  return (
    `no price is set for ${unpriced.join(", ")} (model.prices): its cost is not known, and the ` +
    `ceiling of ${costUsd} USD does not hold; the one of ${tokens.toLocaleString("en")} tokens does`
  );
}

function priceOf(model: string, prices: Prices) {
  return prices[model] ?? prices[model.split(":").slice(1).join(":")];
}

const count = z.number().int().nonnegative();
const usageSchema = z.object({ input_tokens: count, output_tokens: count });

/** Tokens that a model says it used; zero when it does not say, or says what cannot be. */
export function tokensOf(answer: object): { readonly input: number; readonly output: number } {
  const usage = "usage_metadata" in answer ? usageSchema.safeParse(answer.usage_metadata) : null;
  if (!usage?.success) return { input: 0, output: 0 };
  return { input: usage.data.input_tokens, output: usage.data.output_tokens };
}
