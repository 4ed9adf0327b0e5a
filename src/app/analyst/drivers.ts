import { join } from "node:path";
import { builtinDriver } from "../../agent/builtin-policy.ts";
import type { OpenModel } from "../../agent/model/open-model.ts";
import { priceWarning } from "../../agent/model/price.ts";
import type { Driver } from "../../agent/session.ts";
import type { Config } from "../../config.ts";
import { ConfigError, ModelError } from "../../core/errors.ts";
import type { Runbook } from "../../core/runbook.ts";
import { loadPrompts } from "../../platform/prompts.ts";
import { packageRoot } from "../package-root.ts";

/** Tries and first pause after a rate limit or a fault of the model's server. */
const retry = { maxRetries: 3, initialDelayMs: 500 };

/** Opens the model of a name, its fallbacks, and what every run with a model needs. */
export async function openModels(name: string, config: Config) {
  const [{ openModel }, prompts] = await Promise.all([
    import("../../agent/model/open-model.ts"),
    loadPrompts(join(packageRoot, "prompts")),
  ]);
  const access = { settings: config.model, openaiApiKey: config.secrets.openaiApiKey };
  const { fallbacks, verifier, prices } = config.model;
  try {
    const first = await openModel(name, access);
    const others = fallbacks.filter((each) => each !== "builtin" && each !== name);
    const rest = await Promise.all(others.map((each) => openModel(each, access)));
    const models: [OpenModel, ...OpenModel[]] = [first, ...rest];
    const reviewer = verifier ? await openModel(verifier, access) : null;
    return { models, verifier: reviewer, prompts, prices, retry };
  } catch (error) {
    if (error instanceof ModelError) throw new ConfigError(error.message, { cause: error });
    throw error;
  }
}

/** What to say before anything is asked of models whose cost cannot be known; null if nothing. */
export function unpricedModels({ model, budget }: Config): string | null {
  const { name, fallbacks, verifier = name, prices } = model;
  if (name === "builtin") return null;
  const models = new Set([name, ...fallbacks, verifier].filter((each) => each !== "builtin"));
  return priceWarning([...models], prices, budget);
}

/**
 * The driver of a model's name. Nothing of a model is loaded for `builtin`. A model that cannot be
 * opened at all (no key, no adapter, unknown name) is wrong configuration and says so.
 */
export async function driverFor(
  name: string,
  config: Config,
  runbooks: readonly Runbook[],
): Promise<Driver> {
  if (name === "builtin") return builtinDriver;
  const [{ reactDriver }, opened] = await Promise.all([
    import("../../agent/model/react-driver.ts"),
    openModels(name, config),
  ]);
  return reactDriver({ ...opened, runbooks });
}
